import { expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import * as sdk from './index.ts';
import { SDK } from './tracker.ts';

test('exports exactly these names', () => {
  expect(Object.keys(sdk).sort()).toEqual([
    'assignVariant',
    'createExperiment',
    'createFunnel',
    'createSearch',
    'createTracker',
    'daysUntil',
    'formSubmits',
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

test('says its own version in each batch', () => {
  expect(SDK).toBe(`js/${manifest.version}`);
});
