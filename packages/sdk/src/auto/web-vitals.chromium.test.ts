import { afterEach, beforeAll, expect, test } from 'vitest';
import { cleanUp, startNetwork } from '../fake-collector.ts';
import { aVisit } from '../recorded.test-helper.ts';
import { type WebVitals, webVitals } from './web-vitals.ts';

beforeAll(startNetwork);
afterEach(cleanUp);

type Report = Parameters<WebVitals['onCLS']>[0];

/** Measuring code that says what it is told to. */
function aLibrary() {
  const reports: Report[] = [];
  const on = (report: Report) => void reports.push(report);
  const load = async () => ({ onCLS: on, onFCP: on, onINP: on, onLCP: on, onTTFB: on });
  return { reports, load };
}

test('records what the browser itself measured', async () => {
  const { tracker, recorded } = aVisit();
  const stop = webVitals(tracker);

  // The time to the first byte is known from the start.
  await expect.poll(async () => (await recorded('web_vital')).length).toBeGreaterThan(0);
  stop();

  const [first] = await recorded('web_vital');
  expect(first?.props).toMatchObject({
    metric: expect.stringMatching(/^(TTFB|FCP|LCP|INP|CLS)$/),
    value: expect.any(Number),
    rating: expect.stringMatching(/^(good|needs-improvement|poor)$/),
    id: expect.any(String),
    navigation_type: expect.any(String),
  });
});

test('a time has milliseconds, a shift of the layout has none', async () => {
  const { tracker, recorded } = aVisit();
  const { reports, load } = aLibrary();
  const stop = webVitals(tracker, load);
  await expect.poll(() => reports.length).toBe(5);
  const metric = { rating: 'good', id: 'v6-1', navigationType: 'navigate' };

  reports[0]?.({ ...metric, name: 'LCP', value: 1234.5678 });
  reports[1]?.({ ...metric, name: 'CLS', value: 0.123456 });
  stop();
  reports[2]?.({ ...metric, name: 'INP', value: 80 });

  const [lcp, cls, ...more] = await recorded();
  expect(lcp).toMatchObject({
    duration_ms: 1235,
    props: { metric: 'LCP', value: 1234.5678, navigation_type: 'navigate' },
  });
  expect(cls?.props).toMatchObject({ metric: 'CLS', value: 0.1235 });
  expect(cls).not.toHaveProperty('duration_ms');
  expect(more).toEqual([]);
});

test('the page goes on where the measuring code does not come', async () => {
  const { tracker, recorded } = aVisit();
  let isAsked = false;

  webVitals(tracker, () => {
    isAsked = true;
    return Promise.reject(new Error('blocked'));
  });

  expect(isAsked).toBe(true);
  expect(await recorded()).toEqual([]);
});
