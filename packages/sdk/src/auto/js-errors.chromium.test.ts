import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { cleanUp, leavePage, startNetwork } from '../fake-collector.ts';
import { aVisit, hide } from '../recorded.test-helper.ts';
import { jsErrors } from './js-errors.ts';

beforeAll(startNetwork);
afterEach(cleanUp);

/** Something goes wrong in the page. The test runner hears it too: it fails where nobody else listens. */
function fail(event: Event): void {
  const said = vi.spyOn(console, 'error').mockImplementation(() => {});
  const listener = () => {};
  addEventListener(event.type, listener);
  dispatchEvent(event);
  removeEventListener(event.type, listener);
  said.mockRestore();
}
const anError = () => new ErrorEvent('error', { message: 'secret', error: new Error('secret') });
const aRejection = () =>
  new PromiseRejectionEvent('unhandledrejection', { promise: Promise.resolve(), reason: 'secret' });

test('counts what went wrong, and says nothing about it', async () => {
  const { tracker, recorded, collector } = aVisit();
  const stop = jsErrors(tracker);

  fail(anError());
  fail(anError());
  fail(aRejection());
  leavePage();
  leavePage();
  stop();

  expect(await recorded()).toMatchObject([
    {
      type: 'custom',
      name: 'js_error',
      props: { count: 3, kinds: { error: 2, unhandledrejection: 1 } },
    },
  ]);
  expect(collector.attempts[0]?.text).not.toContain('secret');
});

test('counts on after the page went out of sight, and nothing twice', async () => {
  const { tracker, recorded } = aVisit();
  const stop = jsErrors(tracker);

  fail(anError());
  hide();
  hide(false);
  fail(aRejection());
  stop();
  fail(anError());
  leavePage();

  expect((await recorded()).map(({ props }) => props)).toEqual([
    { count: 1, kinds: { error: 1 } },
    { count: 1, kinds: { unhandledrejection: 1 } },
  ]);
});

test('a page without errors says nothing, and an image that does not load is none', async () => {
  const { tracker, recorded } = aVisit();
  const stop = jsErrors(tracker);
  const image = document.body.appendChild(new Image());

  const failed = new Promise((resolve) => image.addEventListener('error', resolve));
  image.src = 'data:image/png;base64,none';
  await failed;
  stop();

  expect(await recorded()).toEqual([]);
});
