import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { verify } from '@turnout/schema/verify';
import { unzipSync } from 'fflate';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig, startCollector } from '../node.ts';
import { anEngineForThisFile } from '../testing/engine.ts';
import { aFolder } from '../testing/temporary.ts';
import type { Receipt } from './erasure.ts';

const { engine, database } = anEngineForThisFile();
const MINUTE_MS = 60_000;

/** A whole collector that uses the engine of this file as a server. */
async function aCollector(dataDir?: string) {
  const folder = dataDir ?? (await aFolder());
  const { host } = new URL(engine().url());
  const config = readConfig(
    { port: '0', dataDir: folder },
    {
      TURNOUT_CLICKHOUSE_URL: `http://turnout:${engine().password}@${host}`,
      TURNOUT_SECRET: 'the same for all collectors of this file',
      TURNOUT_ADMIN_TOKEN: 'the token',
      TURNOUT_COUNTRY_HEADER: 'cf-ipcountry',
    },
  );
  const collector = await startCollector(config, { log: { info() {}, warn() {}, error() {} } });
  onTestFinished(collector.close);
  const asAdmin = (path: string, body: unknown, method = 'POST') =>
    fetch(`${collector.url}${path}`, {
      method,
      headers: { Authorization: 'Bearer the token' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return {
    folder,
    close: collector.close,
    url: collector.url,
    asAdmin,
    async post(
      who: { visitor_id?: string; user_id?: string; session_id?: string },
      interactions: object[],
      headers = {},
    ) {
      const response = await fetch(`${collector.url}/v1/interactions?key=wk_demo&attempt=0`, {
        method: 'POST',
        headers,
        body: JSON.stringify({
          batch_id: randomUUID(),
          session_id: `019b7706-0000-7000-8000-00000000000${(who.user_id ?? who.visitor_id ?? '').length % 10}`,
          ...who,
          interactions: interactions.map((one) => ({
            id: randomUUID(),
            type: 'click',
            occurred_at: Date.now() - MINUTE_MS,
            entity_type: 'event',
            entity_id: 'e1',
            ...one,
          })),
        }),
      });
      return (await response.json()) as { accepted: number; rejected: { code: string; index: number }[] };
    },
    async erase(...ids: string[]) {
      const lines = (await (await asAdmin('/v1/privacy/erase', { ids })).text()).trim().split('\n');
      const said = lines.map(
        (line) => JSON.parse(line) as { receipt?: Receipt; error?: string; progress?: object },
      );
      return {
        receipt: said.at(-1)?.receipt,
        progress: said.filter(({ progress }) => progress),
        last: said.at(-1),
      };
    },
  };
}

const countOf = async (table: string, condition: string) => {
  const [row] = await database().query<{ rows: string }>(
    `SELECT toString(count()) AS rows FROM turnout.${table} WHERE ${condition}`,
  );
  return Number(row?.rows);
};
const untilStored = (condition: string, rows: number) =>
  expect.poll(() => countOf('interactions', condition), { timeout: 60_000 }).toBe(rows);

test('a person goes with the browser they signed in from, their neighbours stay, and nothing brings them back', async () => {
  const collector = await aCollector();
  const [visitor, other] = [randomUUID(), randomUUID()];
  await collector.post({ visitor_id: visitor }, [{}, { type: 'view', part: 0 }]);
  await collector.post({ visitor_id: visitor, user_id: 'anna' }, [
    { type: 'identify', props: { birth_year: 1990, gender: 'F', city: 'Austin' } },
    { type: 'purchase', order_id: 'o1', value: 40, currency: 'USD' },
    { type: 'nonsense' },
  ]);
  await collector.post({ visitor_id: other, user_id: 'bert' }, [{}, { type: 'view', part: 0 }]);
  await untilStored(`visitor_id IN ('${visitor}', '${other}')`, 6);
  await expect.poll(() => countOf('identity_links', '1')).toBe(2);
  await expect.poll(() => countOf('people', `gender = 'female' AND birth_year = 1990`)).toBe(1);
  await expect.poll(() => countOf('rejected_interactions', '1')).toBe(1);

  const { receipt, progress, last } = await collector.erase('anna');

  expect(last).toEqual({ receipt: expect.anything() });
  expect(receipt).toMatchObject({ remaining: 0, ids: 1, days_counted_anew: expect.any(Number), notes: [] });
  expect(receipt?.deleted).toMatchObject({
    interactions: 4,
    people: 1,
    identity_links: 1,
    rejected_interactions: 1,
  });
  expect(progress.length).toBeGreaterThan(3);
  expect(await countOf('interactions', `visitor_id = '${visitor}' OR user_id = 'anna'`)).toBe(0);
  expect(await countOf('interactions', `user_id = 'bert'`)).toBe(2);
  expect(await verify(database())).toMatchObject({ ok: true, differences: [] });

  // A phone that was offline sends what it recorded before.
  const late = await collector.post({ visitor_id: visitor, user_id: 'anna' }, [{}, { type: 'bad' }]);
  expect(late).toMatchObject({ accepted: 0, rejected: [{ code: 'erased' }, { code: 'unknown_type' }] });
  await collector.post({ visitor_id: visitor, user_id: 'anna' }, [{ occurred_at: Date.now(), type: 'bad' }]);
  const anonymous = await collector.post({ visitor_id: visitor }, [{}]);
  expect(anonymous).toMatchObject({ accepted: 0, rejected: [{ code: 'erased', index: 0 }] });
  // Whoever comes back afterwards is somebody new.
  const back = await collector.post({ visitor_id: visitor, user_id: 'anna' }, [
    { occurred_at: Date.now() + 1 },
  ]);
  expect(back).toMatchObject({ accepted: 1 });
  await untilStored(`user_id = 'anna'`, 1);
  expect(await countOf('interactions', `visitor_id = '${visitor}'`)).toBe(1);
  expect(await countOf('rejected_interactions', '1')).toBe(0);

  await collector.close();
  // The tombstones outlive the process, and even the folder they were written in.
  for (const folder of [collector.folder, undefined]) {
    const next = await aCollector(folder);
    await expect
      .poll(async () => (await next.post({ visitor_id: visitor, user_id: 'anna' }, [{}])).rejected[0]?.code, {
        timeout: 60_000,
      })
      .toBe('erased');
    await next.close();
  }
}, 120_000);

test('an erasure that was cut off after its tombstone goes on at the next start', async () => {
  const collector = await aCollector();
  const visitor = randomUUID();
  await collector.post({ visitor_id: visitor, user_id: 'carl' }, [{}, {}]);
  await untilStored(`user_id = 'carl'`, 2);
  await collector.close();
  const pending = [
    { id: randomUUID(), site_id: 'demo', at: Date.now(), user_keys: [], ids: ['carl'], isDone: false },
  ];
  await writeFile(join(collector.folder, 'erasures.json'), JSON.stringify(pending));

  await aCollector(collector.folder);

  await untilStored(`user_id = 'carl'`, 0);
  await expect
    .poll(async () => JSON.parse(await readFile(join(collector.folder, 'erasures.json'), 'utf8')), {
      timeout: 60_000,
    })
    .toMatchObject([{ isDone: true, ids: [] }]);
}, 60_000);

test('a browser that two people signed in from takes neither of them with it, and says so', async () => {
  const collector = await aCollector();
  const shared = randomUUID();
  await collector.post({ visitor_id: shared, user_id: 'dora' }, [{}]);
  await collector.post({ visitor_id: shared, user_id: 'emil' }, [{}]);
  await untilStored(`user_id IN ('dora', 'emil')`, 2);

  const { receipt } = await collector.erase(shared);

  expect(receipt?.notes).toEqual([expect.stringContaining('Several people signed in')]);
  expect(await countOf('interactions', `user_id IN ('dora', 'emil')`)).toBe(2);
}, 60_000);

test('a session is exported for who began it, also while its rows come in the wrong order', async () => {
  const collector = await aCollector();
  const session_id = '019b7706-0000-7000-8000-0000000000aa';
  const exported = async (id: string) => {
    const answer = await collector.asAdmin('/v1/privacy/export', { ids: [id] });
    const files = unzipSync(new Uint8Array(await answer.arrayBuffer()));
    return JSON.parse(new TextDecoder().decode(files['sessions.json'])) as { session_id: string }[];
  };
  await database().command('SYSTEM STOP MERGES turnout.sessions');
  await collector.post({ user_id: 'came later', session_id }, [{ occurred_at: Date.now() - MINUTE_MS }]);
  await untilStored(`user_id = 'came later'`, 1);
  await collector.post({ user_id: 'began it', session_id }, [{ occurred_at: Date.now() - 5 * MINUTE_MS }]);
  await untilStored(`user_id = 'began it'`, 1);

  const [later, first] = [await exported('came later'), await exported('began it')];

  await database().command('SYSTEM START MERGES turnout.sessions');
  expect(first).toMatchObject([{ session_id, interactions: '2' }]);
  expect(later).toEqual([]);
}, 60_000);

test('an export holds everything in files that name themselves, and wants a key', async () => {
  const collector = await aCollector();
  const visitor = randomUUID();
  await collector.post({ visitor_id: visitor }, [{ props: { note: 'mine' } }]);
  await collector.post({ visitor_id: visitor, user_id: 'finn' }, [{}]);
  await untilStored(`visitor_id = '${visitor}'`, 2);

  const answer = await collector.asAdmin('/v1/privacy/export', { ids: ['finn'] });
  const files = unzipSync(new Uint8Array(await answer.arrayBuffer()));

  const read = (name: string) => JSON.parse(new TextDecoder().decode(files[name]));
  expect(read('interactions.json')).toHaveLength(2);
  expect(read('interactions.json')).toContainEqual(expect.objectContaining({ props: { note: 'mine' } }));
  expect(read('user_daily.json').length).toBeGreaterThan(0);
  expect(new TextDecoder().decode(files['README.txt'])).toContain('interactions.json (2 rows)');
  const refused = await fetch(`${collector.url}/v1/privacy/export`, {
    method: 'POST',
    body: '{"ids":["finn"]}',
  });
  expect(refused.status).toBe(401);
  expect((await collector.asAdmin('/v1/privacy/erase', { ids: [] })).status).toBe(400);
}, 60_000);
