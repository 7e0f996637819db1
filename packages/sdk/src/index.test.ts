import { expect, test, vi } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { SDK } from './identity.ts';
import * as sdk from './index.ts';

test('exports exactly these names', () => {
  expect(Object.keys(sdk).sort()).toEqual([
    'assignVariant',
    'createElementGroup',
    'createExperiment',
    'createFunnel',
    'createList',
    'createNoop',
    'createSearch',
    'createTracker',
    'daysUntil',
    'formSubmits',
    'inside',
    'jsErrors',
    'mediaPlays',
    'observeAttributes',
    'redact',
    'scrollDepth',
    'searchInputs',
    'ticketProps',
    'webVitals',
  ]);
});

test('is a tracker that does nothing on a server', async () => {
  const tracker = sdk.createTracker({ key: 'wk_demo', consent: 'pending' });

  tracker.track('page_view');
  tracker.identify('user_1');
  tracker.reset();
  tracker.context({ tab: 'events' })();
  tracker.consent.grant();
  tracker.view({ entity: 'event:1' }).end();
  tracker.observe({} as Element, () => ({}))();
  tracker.on('sent', () => {})();
  await tracker.ready();
  await tracker.flush();
  tracker.stop();

  expect(tracker.consent.status()).toBe('pending');
});

test('every behaviour does nothing on a server, and keeps nothing for the next visitor', () => {
  const tracker = sdk.createTracker({ key: 'wk_server' });
  const track = vi.spyOn(tracker, 'track');

  for (const start of [sdk.formSubmits, sdk.jsErrors, sdk.mediaPlays, sdk.searchInputs, sdk.webVitals]) {
    start(tracker)();
  }
  sdk.scrollDepth(tracker, { list: 'home-feed' })();
  const hero = sdk.createExperiment(tracker, 'hero', { variants: ['a', 'b'], fallback: 'a' });
  expect([hero.variant, hero.peek()]).toEqual(['a', 'a']);
  expect(track).not.toHaveBeenCalled();
  for (let visitor = 0; visitor < 2; visitor++) sdk.createFunnel(tracker, 'ticket').step('details');

  // A step that is remembered would not be recorded again.
  expect(track).toHaveBeenCalledTimes(2);
});

test('says its own version in each batch', () => {
  expect(SDK).toBe(`js/${manifest.version}`);
});
