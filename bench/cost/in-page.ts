/**
 * What runs inside the page. Each function is sent there as text, so it uses nothing from outside itself.
 */

/** A page of the bench: `track` comes from the tracker under test. */
type Page = typeof globalThis & { track: (n: number) => void };

/** Microseconds of a call: of the first in its task, and on average of each of the nine that follow it. */
export interface CallTimes {
  first: number;
  further: number;
}

/** Times calls in groups of ten, a task apart: the clock is too coarse for one of the further ones. */
export async function timeCalls(groups: number): Promise<CallTimes[]> {
  const { track } = globalThis as Page;
  const took: CallTimes[] = [];
  for (let group = 0; group < groups; group++) {
    const start = performance.now();
    track(group * 10);
    const afterFirst = performance.now();
    for (let n = 1; n < 10; n++) track(group * 10 + n);
    const further = ((performance.now() - afterFirst) / 9) * 1_000;
    took.push({ first: (afterFirst - start) * 1_000, further });
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return took;
}

/** Records `count` at once, and watches what follows for a while. Milliseconds. */
export async function burst(given: {
  count: number;
  watchMs: number;
}): Promise<{ call: number; longest: number }> {
  const { track } = globalThis as Page;
  let longest = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
  });
  observer.observe({ type: 'longtask' });
  await new Promise((resolve) => setTimeout(resolve, 500));
  longest = 0;
  const start = performance.now();
  for (let n = 0; n < given.count; n++) track(100_000 + n);
  const call = performance.now() - start;
  await new Promise((resolve) => setTimeout(resolve, given.watchMs));
  observer.disconnect();
  return { call, longest };
}

/** Puts a button on the page whose handler tracks, and remembers how long each click took. */
export function watchClicks(): void {
  const { track } = globalThis as Page;
  const clicks: { handler: number; duration: number }[] = [];
  Object.assign(globalThis, { clicks });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as PerformanceEventTiming[]) {
      if (entry.name !== 'click') continue;
      clicks.push({ handler: entry.processingEnd - entry.processingStart, duration: entry.duration });
    }
  }).observe({ type: 'event', durationThreshold: 16 });
  const button = document.body.appendChild(document.createElement('button'));
  button.style.cssText = 'position: fixed; inset: 0 auto auto 0; width: 100px; height: 100px';
  let n = 200_000;
  button.addEventListener('click', () => {
    track(n++);
    // The page's own answer to the click: a frame that the browser has to draw.
    button.textContent = String(n);
  });
}

/** One click: time in all listeners of the page, and from the click until its frame was drawn. Milliseconds. */
export interface Answered {
  listeners: number;
  paint: number;
}

/** Times each click. Runs before any script of the page, so that its first listener is the first of all. */
export function watchAnswers(): void {
  const answers: Answered[] = [];
  Object.assign(globalThis, { answers });
  let start = 0;
  addEventListener(
    'click',
    () => {
      start = performance.now();
    },
    true,
  );
  addEventListener('click', ({ timeStamp }) => {
    const listeners = performance.now() - start;
    requestAnimationFrame(() => {
      // The first task after a frame that was drawn.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => answers.push({ listeners, paint: performance.now() - timeStamp });
      port2.postMessage(0);
    });
  });
}
