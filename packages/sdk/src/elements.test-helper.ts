/**
 * A page for tests of tracked elements: what is in it stands where it is put, and time passes when it is told to.
 */
import { vi } from 'vitest';
import { page } from 'vitest/browser';
import type { ElementTracking } from './element-tracking.ts';
import { cleanUp, startNetwork } from './fake-collector.ts';
import { aVisit } from './recorded.test-helper.ts';

export type Visit = ReturnType<typeof aVisit>;

/** Call it in `beforeAll`. */
export async function openPage(): Promise<void> {
  await startNetwork();
  // Small enough that the test runner shows the frame without scaling it.
  await page.viewport(400, 600);
}

/** A visit at the top of the page, while time stands. Call it in `beforeEach`. */
export function aVisitAtRest(): Visit {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  scrollTo(0, 0);
  return aVisit();
}

/** Call it in `afterEach`. */
export function endVisit(): void {
  vi.useRealTimers();
  cleanUp();
}

/** An element in the page; `top` from the top of the document. */
export function anElement(style: Partial<CSSStyleDeclaration> = {}, tag = 'div'): HTMLElement {
  const element = document.createElement(tag);
  document.body.style.margin = '0';
  document.body.style.height = '5000px';
  Object.assign(
    element.style,
    { position: 'absolute', width: '100px', height: '100px', top: '0px', left: '0px' },
    style,
  );
  document.body.append(element);
  return element;
}

/** Lets the browser lay out and deliver what its observers saw. */
export async function frames(count = 3): Promise<void> {
  for (let n = 0; n < count; n++) await new Promise((resolve) => requestAnimationFrame(resolve));
  const channel = new MessageChannel();
  await new Promise((resolve) => {
    channel.port1.onmessage = resolve;
    channel.port2.postMessage(0);
  });
}

/** Time passes without anything moving. */
export async function pass(ms: number): Promise<void> {
  await frames();
  vi.advanceTimersByTime(ms);
}

/** What an impression is asked for with, where a test says nothing else. */
export const impressed: ElementTracking = {
  entity: 'event:1',
  list: 'home-feed',
  position: 3,
  impression: true,
};
