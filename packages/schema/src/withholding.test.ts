import { afterAll, beforeAll, expect, test } from 'vitest';
import { aRow, at, type Engine, openMigrated } from './engine.test-helper.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openMigrated();
});
afterAll(() => engine.close());

interface Shown {
  unique_viewers: string;
  viewer_locations: { city: string; people: string }[];
}

/** An event whose viewers live where `cities` says, and what the view shows of it. */
async function shownOf(event: string, cities: { [city: string]: number }): Promise<Shown | undefined> {
  let person = 0;
  await engine.insert(
    Object.entries(cities).flatMap(([city, people]) =>
      Array.from({ length: people }, () => {
        person += 1;
        return aRow({ entity_id: event, user_key: String(person), city, ts: at(1) });
      }),
    ),
  );
  const [row] = await engine.query<Shown>(
    `SELECT unique_viewers, viewer_locations FROM turnout.event_daily WHERE event_id = '${event}'`,
  );
  return row;
}

const cities = (row: Shown | undefined) =>
  row?.viewer_locations.map(({ city, people }) => `${city} ${people}`);

test('a cell of ten people is shown, one of nine is not', async () => {
  expect(cities(await shownOf('ten', { Austin: 10 }))).toEqual(['Austin 10']);
  expect(cities(await shownOf('nine', { Austin: 9 }))).toEqual([]);
});

test('a small cell that a subtraction would tell takes the next one with it', async () => {
  const row = await shownOf('alone', { Austin: 30, Berlin: 12, Cork: 3 });

  // 45 viewers less 30 and 12 would be the three of Cork.
  expect(row?.unique_viewers).toBe('45');
  expect(cities(row)).toEqual(['Austin 30']);
});

test('small cells that are many people together hide each other', async () => {
  expect(cities(await shownOf('many', { Austin: 30, Berlin: 12, Cork: 6, Dover: 5 }))).toEqual([
    'Austin 30',
    'Berlin 12',
  ]);
});

test('where nothing is left out, all is shown', async () => {
  expect(cities(await shownOf('all', { Austin: 30, Berlin: 12 }))).toEqual(['Austin 30', 'Berlin 12']);
});

test('people whose place is unknown hide nobody when they are few', async () => {
  expect(cities(await shownOf('unknown', { Austin: 30, Berlin: 12, '': 4 }))).toEqual(['Austin 30']);
});
