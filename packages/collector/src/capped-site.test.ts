import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { CAPS, MAX_PROP_PATHS } from './caps.ts';
import { readConfig, startCollector } from './node.ts';
import { anEngineForThisFile } from './testing/engine.ts';
import { aFolder } from './testing/temporary.ts';

const { engine, database } = anEngineForThisFile();
const PER_BATCH = 500;

/** A whole collector of two sites over the real engine. */
async function aCollector(dataDir: string) {
  const sites = join(dataDir, 'sites.json');
  const site = (id: string) => ({
    id,
    time_zone: 'UTC',
    currency: 'USD',
    write_keys: [`wk_${id}`],
    origins: [],
  });
  await writeFile(sites, JSON.stringify({ sites: [site('loud'), site('calm')] }));
  const { host } = new URL(engine().url());
  const config = readConfig(
    { port: '0', dataDir },
    {
      TURNOUT_CLICKHOUSE_URL: `http://turnout:${engine().password}@${host}`,
      TURNOUT_SITES: sites,
      TURNOUT_ADMIN_TOKEN: 'the token',
    },
  );
  const collector = await startCollector(config, { log: { info() {}, warn() {}, error() {} } });
  onTestFinished(collector.close);
  return {
    close: collector.close,
    /** Interactions of one visitor, each with an entity type and a prop of its number. */
    async send(site: string, numbers: number[]) {
      const response = await fetch(`${collector.url}/v1/interactions?key=wk_${site}&attempt=0`, {
        method: 'POST',
        body: JSON.stringify({
          ...{ batch_id: randomUUID(), visitor_id: randomUUID(), session_id: randomUUID() },
          interactions: numbers.map((number) => ({
            ...{ id: randomUUID(), type: 'click', occurred_at: Date.now() },
            ...{ entity_type: `kind_${number}`, entity_id: String(number) },
            props: { [`prop_${number}`]: { deep: number }, same: number },
          })),
        }),
      });
      expect(await response.json()).toEqual({ accepted: numbers.length, rejected: [] });
    },
    async counted(site: string, column: string) {
      const response = await fetch(`${collector.url}/metrics`, {
        headers: { Authorization: 'Bearer the token' },
      });
      const line = new RegExp(
        `^turnout_capped_values_total\\{site="${site}",column="${column}"\\} (\\d+)$`,
        'm',
      );
      return Number(line.exec(await response.text())?.[1] ?? 0);
    },
  };
}

const numbersFrom = (first: number, count: number) => Array.from({ length: count }, (_, n) => first + n);

const stored = async (site: string) => {
  const [row] = await database().query<{ [what: string]: string }>(
    `SELECT toString(count()) AS rows, toString(uniqExact(entity_type)) AS kinds, toString(uniqExact(entity_id)) AS ids,
       toString(length(groupUniqArrayArray(JSONAllPaths(props)))) AS paths
     FROM turnout.interactions WHERE site_id = '${site}'`,
  );
  return Object.fromEntries(Object.entries(row ?? {}).map(([what, value]) => [what, Number(value)]));
};

test('a site that sends ids for names is capped and counted, loses nothing, and takes no room of another', async () => {
  const dataDir = await aFolder();
  const first = await aCollector(dataDir);
  await first.send('calm', numbersFrom(0, 5));
  await first.send('loud', numbersFrom(0, PER_BATCH));
  await first.send('loud', numbersFrom(PER_BATCH, PER_BATCH));
  await first.send('calm', numbersFrom(5, 5));
  await expect.poll(() => stored('loud').then(({ rows }) => rows), { timeout: 60_000 }).toBe(2 * PER_BATCH);

  expect(await stored('loud')).toEqual({
    ...{ rows: 2 * PER_BATCH, ids: 2 * PER_BATCH, kinds: CAPS.entity_type + 1 },
    // The one beyond holds what had no room.
    paths: MAX_PROP_PATHS + 1,
  });
  const cappedKinds = 2 * PER_BATCH - CAPS.entity_type;
  // One path is "same".
  const cappedProps = 2 * PER_BATCH - (MAX_PROP_PATHS - 1);
  expect([await first.counted('loud', 'entity_type'), await first.counted('loud', 'props')]).toEqual([
    cappedKinds,
    cappedProps,
  ]);

  // What was sent can still be read, in its place or in the text of the others.
  const [said] = await database().query<{ in_place: string; in_text: string }>(
    `SELECT toString(countIf(has(JSONAllPaths(props), concat('prop_', entity_id, '.deep')))) AS in_place,
       toString(countIf(JSONExtractInt(toString(props.\`(other)\`), concat('prop_', entity_id), 'deep') = toInt64(entity_id)
         AND has(JSONAllPaths(props), '(other)'))) AS in_text
     FROM turnout.interactions WHERE site_id = 'loud' AND props.same = toInt64(entity_id)`,
  );
  expect(said).toEqual({ in_place: String(2 * PER_BATCH - cappedProps), in_text: String(cappedProps) });

  await expect.poll(() => stored('calm')).toEqual({ rows: 10, ids: 10, kinds: 10, paths: 11 });
  expect([await first.counted('calm', 'entity_type'), await first.counted('calm', 'props')]).toEqual([0, 0]);

  // A restart does not begin anew, as soon as what the site had has been read.
  await first.close();
  const second = await aCollector(dataDir);
  let next = 2 * PER_BATCH;
  const isCapped = async () => {
    next += 1;
    await second.send('loud', [next]);
    return (await second.counted('loud', 'props')) > 0;
  };
  await expect.poll(isCapped, { timeout: 60_000 }).toBe(true);
  const before = await second.counted('loud', 'entity_type');
  await second.send('loud', numbersFrom(5_000, 10));
  await second.send('calm', numbersFrom(10, 1));
  await expect.poll(() => stored('calm').then(({ kinds }) => kinds), { timeout: 60_000 }).toBe(11);
  expect((await second.counted('loud', 'entity_type')) - before).toBe(10);
}, 60_000);
