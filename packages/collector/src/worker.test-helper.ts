/** The worker of the example, for tests. Each file that imports this has a process and an engine of its own. */
import { randomUUID } from 'node:crypto';
import { verify } from '@turnout/schema/verify';
import { expect, onTestFinished, vi } from 'vitest';
import { aDatabaseProxy } from './testing/database-proxy.ts';
import { anEdgeWorker } from './testing/edge-worker.ts';
import { anEngineForThisFile } from './testing/engine.ts';

// A queue waits longer before each further attempt.
vi.setConfig({ testTimeout: 60_000 });

const { engine, database } = anEngineForThisFile();

export { database };

interface Settings {
  bindings?: Record<string, string>;
  /** What is set for its one write key. */
  limits?: object;
  addressLimit?: number;
  storage?: string;
}

export async function aWorker({ bindings = {}, limits = {}, ...more }: Settings = {}) {
  const proxy = await aDatabaseProxy(() => engine().url());
  // A site of its own, so that each test counts its own rows.
  const site = `s${randomUUID().slice(0, 8)}`;
  const key = `wk_${site}`;
  const settings = {
    ...more,
    clickhouseUrl: `http://turnout:${engine().password}@${new URL(proxy.url).host}`,
    sites: [
      {
        id: site,
        time_zone: 'Europe/London',
        currency: 'GBP',
        write_keys: [{ key, ...limits }],
        secret_keys: [`sk_${site}_0123456789abcdef`],
        origins: ['https://venue.example'],
      },
    ],
    bindings,
  };
  let running = await anEdgeWorker(settings);
  const { url, deliver } = running;
  onTestFinished(() => running.miniflare.dispose());
  /** Another process with the same settings and storage: all that was in memory is gone. */
  const restart = async () => {
    await running.miniflare.dispose();
    running = await anEdgeWorker(settings);
    return running;
  };
  const post = async (batch: object, { attempt = 0, headers = {} } = {}) =>
    fetch(`${url}/v1/interactions?key=${key}&attempt=${attempt}&sent_at=${Date.now()}`, {
      method: 'POST',
      headers: { 'User-Agent': CHROME, ...headers },
      body: JSON.stringify(batch),
    });
  const rows = <Row>(columns: string) =>
    database().query<Row>(`SELECT ${columns} FROM turnout.interactions WHERE site_id = {site:String}`, {
      site,
    });
  const counted = async () => {
    const [raw] = await rows<{ raw: number }>('toInt32(count()) AS raw');
    const [rollup] = await database().query<{ clicks: number }>(
      `SELECT toInt32(sum(clicks)) AS clicks FROM turnout.event_daily WHERE site_id = {site:String}`,
      { site },
    );
    return { raw: raw?.raw, clicks: rollup?.clicks };
  };
  return { url, site, key, deliver, proxy, post, rows, counted, restart };
}

const CHROME =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

export const aClick = (more: object = {}) => ({
  id: randomUUID(),
  type: 'click',
  occurred_at: Date.now(),
  entity_type: 'event',
  entity_id: 'night-tide',
  ...more,
});

export const aBatch = (interactions: object[], more: object = {}) => ({
  batch_id: randomUUID(),
  sdk: 'js/0.1.0',
  visitor_id: 'visitor-1',
  session_id: 'session-1',
  interactions,
  ...more,
});

export const PATIENTLY = { timeout: 60_000 };

export const tokenOf = (block: { address: string } | undefined) =>
  new URL(block?.address ?? '', 'http://proxy').searchParams.get('insert_deduplication_token');

export async function expectVerified(): Promise<void> {
  const { ok, differences, duplicates } = await verify(database());
  expect({ ok, differences, duplicates }).toEqual({ ok: true, differences: [], duplicates: 0 });
}
