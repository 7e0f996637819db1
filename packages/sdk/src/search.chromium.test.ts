import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { cleanUp, leavePage, startNetwork } from './fake-collector.ts';
import { aVisit, hide, holdTime } from './recorded.test-helper.ts';
import { createSearch, type SearchOptions } from './search.ts';

beforeAll(startNetwork);
afterEach(() => {
  vi.useRealTimers();
  cleanUp();
});

function aSearch(options: SearchOptions = { scope: 'events' }) {
  const visit = aVisit();
  holdTime();
  return { ...visit, search: createSearch(visit.tracker, options) };
}

test('records a search once, with what was found', async () => {
  const { search, recorded } = aSearch({ scope: 'events', fromView: 'feed' });

  const searchId = search.query('jazz', { city: 'Austin' });
  vi.advanceTimersByTime(600);
  search.results({ count: 12, artist_count: 3, event_count: 9, ids: ['event:1', 'event:2'], ms: 85.4 });
  search.results({ count: 24 });
  search.stop();

  expect(await recorded()).toMatchObject([
    {
      type: 'search',
      query: 'jazz',
      search_id: searchId,
      props: {
        search_type: 'events',
        query_length: 4,
        result_count: 12,
        artist_count: 3,
        event_count: 9,
        result_ids: ['event:1', 'event:2'],
        load_time_ms: 85,
        has_results: true,
        filters_applied: { city: 'Austin' },
        from_view: 'feed',
      },
    },
  ]);
});

test('never sends what was typed on the way, though it had results', async () => {
  const { search, recorded } = aSearch();

  for (const text of ['j', 'ja', 'jaz', 'jazz']) {
    search.query(text);
    search.results({ count: 99 });
    vi.advanceTimersByTime(200);
  }
  search.query(' jazz ');
  search.results({ count: 7 });
  vi.advanceTimersByTime(600);

  expect((await recorded()).map(({ query, props }) => [query, props?.result_count])).toEqual([['jazz', 7]]);
});

test('never sends a text that grew before its results came', async () => {
  const { search, recorded } = aSearch();

  search.query('jaz');
  vi.advanceTimersByTime(700);
  search.query('jazz');
  vi.advanceTimersByTime(700);
  search.results({ count: 7 });

  expect((await recorded()).map(({ query }) => query)).toEqual(['jazz']);
});

test('never sends a text that was replaced at once', async () => {
  const { search, recorded } = aSearch();

  search.query('opera');
  search.results({ count: 99 });
  vi.advanceTimersByTime(500);
  search.query('jazz');
  search.stop();

  expect((await recorded()).map(({ query }) => query)).toEqual(['jazz']);
});

test('measures the time to the results', async () => {
  const { search, recorded } = aSearch();

  search.query('jazz');
  vi.advanceTimersByTime(830);
  search.results({ count: 0 });

  expect(await recorded()).toMatchObject([
    { props: { load_time_ms: 830, has_results: false, result_count: 0 } },
  ]);
});

test('ignores results of an older query', async () => {
  const { search, recorded } = aSearch();

  const older = search.query('jaz');
  search.query('jazz');
  vi.advanceTimersByTime(600);
  search.results({ count: 99, searchId: older });
  search.results({ count: 7 });

  expect((await recorded()).map(({ props }) => props?.result_count)).toEqual([7]);
});

test.each<[string, (search: ReturnType<typeof createSearch>) => void]>([
  ['some seconds later', () => vi.advanceTimersByTime(5_000)],
  ['when the page is left', () => leavePage()],
  ['when the page goes out of sight', () => hide()],
  ['when a choice is made', (search) => search.select('event:1', { position: 0 })],
  ['when something else is searched', (search) => search.query('opera')],
  ['when the box is emptied', (search) => search.query('')],
  ['when it stops', (search) => search.stop()],
])('records a search whose results never came %s', async (_, end) => {
  const { search, recorded } = aSearch();

  search.query('jazz');
  vi.advanceTimersByTime(600);
  end(search);
  search.results({ count: 1 });

  const [first, ...more] = await recorded('search');
  expect(first).toMatchObject({ query: 'jazz', props: { search_type: 'events' } });
  expect(first?.props).not.toHaveProperty('has_results');
  expect(more).toEqual([]);
});

test('a choice is a click with the search and the rank', async () => {
  const { search, recorded } = aSearch();

  const searchId = search.query('jazz');
  search.results({ count: 2 });
  search.select('event:42', { position: 1, props: { venue_name: 'Blue Room' } });
  search.select('event:43', { position: 0 });

  expect(await recorded()).toMatchObject([
    { type: 'search', search_id: searchId, props: { result_count: 2 } },
    {
      type: 'click',
      entity_type: 'event',
      entity_id: '42',
      position: 1,
      search_id: searchId,
      surface: 'search',
      props: { venue_name: 'Blue Room' },
    },
    { type: 'click', entity_id: '43', position: 0, search_id: searchId },
  ]);
});

test('another filter is another search, the same text is not', async () => {
  const { search, recorded } = aSearch();

  const first = search.query('jazz', ['free']);
  expect(search.query('jazz', ['free'])).toBe(first);
  vi.advanceTimersByTime(600);
  search.results({ count: 1 });
  search.query('jazz', ['free', 'today']);
  vi.advanceTimersByTime(600);
  search.results({ count: 0 });

  expect((await recorded()).map(({ props }) => props?.filters_applied)).toEqual([
    ['free'],
    ['free', 'today'],
  ]);
});

test.each<[SearchOptions['redact'], string]>([
  [undefined, 'row 12 for [number]'],
  [false, 'row 12 for 4111 1111 1111'],
  [(query: string) => query.toUpperCase(), 'ROW 12 FOR 4111 1111 1111'],
  [
    () => {
      throw new Error('broken');
    },
    '[redacted]',
  ],
])('with redact %s, records "%s"', async (redact, query) => {
  const { search, recorded } = aSearch({ redact });

  search.query('row 12 for 4111 1111 1111');
  search.stop();

  expect(await recorded()).toMatchObject([{ query, props: { query_length: 25 } }]);
});

test('throws nothing into the page', async () => {
  const { search, recorded } = aSearch({
    found: () => {
      throw new Error('of the page');
    },
  });

  search.query(undefined as never);
  search.results(undefined as never);
  search.query('jazz', 1n);
  search.query('jazz');
  search.stop();
  search.stop();

  expect((await recorded()).map(({ query }) => query)).toEqual(['jazz']);
});
