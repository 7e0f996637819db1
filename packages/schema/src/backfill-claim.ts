/**
 * One collector of several fills a history. The claim is a table: of two that make `backfill_claim_7` at once, the
 * engine refuses one. Tables of records could not say that; both would read them before the other wrote.
 */
import { randomUUID } from 'node:crypto';
import type { Database } from './database.ts';

/** The right to fill, until it is released or was not renewed for a minute. */
export interface Claim {
  /** Says that rows may be stored. */
  open(): Promise<void>;
  /** @throws When somebody else took over. */
  renew(): Promise<void>;
  release(): Promise<void>;
}

/** A piece of a history takes seconds: whoever does not renew for so long is gone. */
const STALE_SECONDS = 60;
const LOOK_EVERY_MS = 500;
const TABLE = 'backfill_claim_';

/** Code 57, as the client and the embedded engine say it. */
const isTaken = (error: unknown) => /already exists/i.test(error instanceof Error ? error.message : '');

/**
 * Claims the backfill; undefined when another has begun it, so that rows may be stored.
 *
 * @throws When the signal ended the wait.
 */
export async function claimBackfill(
  database: Database,
  isAlone: boolean,
  signal?: AbortSignal,
): Promise<Claim | undefined> {
  for (;;) {
    if (signal?.aborted) throw new Error('backfill: stopped before it began; the next start begins it.');
    const latest = await latestClaim(database);
    if (!latest || isAlone || latest.stale) {
      const number = (latest?.number ?? 0) + 1;
      const made = await make(database, number);
      if (made) return made;
    } else if (latest.open) {
      return undefined;
    }
    // The other one is about to open, or to be given up.
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

interface Latest {
  number: number;
  stale: boolean;
  open: boolean;
}

async function latestClaim(database: Database): Promise<Latest | undefined> {
  const [table] = await database.query<{ name: string; stale: number }>(
    `SELECT name, toUInt8(metadata_modification_time < now() - INTERVAL ${STALE_SECONDS} SECOND) AS stale
     FROM system.tables WHERE database = 'turnout' AND startsWith(name, '${TABLE}') ORDER BY name DESC LIMIT 1`,
  );
  if (!table) return undefined;
  const number = Number(table.name.slice(TABLE.length));
  try {
    const [said] = await database.query<{ stale: number; open: number; said: string }>(
      `SELECT toUInt8(max(at) < now64(3) - INTERVAL ${STALE_SECONDS} SECOND) AS stale, max(open) AS open,
         toString(count()) AS said FROM turnout.${table.name}`,
    );
    const isSilent = said?.said === '0';
    return { number, stale: Boolean(isSilent ? table.stale : said?.stale), open: said?.open === 1 };
  } catch (error) {
    // Released between the two questions.
    if (/does not exist|UNKNOWN_TABLE/i.test(error instanceof Error ? error.message : '')) return undefined;
    throw error;
  }
}

async function make(database: Database, number: number): Promise<Claim | undefined> {
  const table = `turnout.${TABLE}${String(number).padStart(6, '0')}`;
  const owner = randomUUID();
  try {
    await database.command(
      `CREATE TABLE ${table} (at DateTime64(3, 'UTC') COMMENT 'When the owner was last heard of.',
         open UInt8 COMMENT '1: the rollups are emptied, and rows may be stored.')
       ENGINE = MergeTree ORDER BY at COMMENT 'Claim of collector ${owner}: it fills the history of new rollups.'`,
    );
  } catch (error) {
    if (isTaken(error)) return undefined;
    throw error;
  }
  const say = (open: 0 | 1) =>
    database.command(`INSERT INTO ${table} SETTINGS async_insert = 0 SELECT now64(3), ${open}`);
  const older = async () =>
    database.query<{ name: string }>(
      `SELECT name FROM system.tables WHERE database = 'turnout' AND startsWith(name, '${TABLE}')
       AND name < '${table.slice('turnout.'.length)}'`,
    );
  await say(0);
  for (const { name } of await older()) await database.command(`DROP TABLE IF EXISTS turnout.${name}`);
  return {
    open: () => say(1),
    async renew() {
      const latest = await latestClaim(database);
      if (latest?.number !== number) {
        throw new Error(
          'backfill: another collector has taken over, because nothing was heard of this one for a minute. It fills on.',
        );
      }
      await say(0);
    },
    release: () => database.command(`DROP TABLE IF EXISTS ${table}`),
  };
}
