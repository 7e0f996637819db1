/**
 * One collector of a cluster fills a history. Claims are numbered records in a table of which every machine has a copy,
 * under one path in Keeper: of two that insert claim 7 under one token, Keeper takes one, whichever machines they asked.
 * To make a table, as on one server, would not do: two machines may each make it.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { COPIED_ENGINE } from './cluster.ts';
import { settleReplicas } from './cluster-rows.ts';
import type { Database } from './database.ts';

/** The right to fill, until it is released, or its owner was not heard of for a minute. */
export interface ClusterClaim {
  /** @throws When somebody else took over. */
  check(): Promise<void>;
  /** Gives it up, for whoever comes next. */
  release(): Promise<void>;
}

const CLAIMS = 'backfill_claims';
const STALE_SECONDS = 60;
const SAY_EVERY_MS = 10_000;
const LOOK_EVERY_MS = 1_000;

/**
 * Waits until nobody else has it, and claims the filling.
 *
 * @param isAlone - True when there is no other collector: what is left of a claim was left by a crash.
 * @returns Undefined when the signal ended the wait.
 */
export async function claimOnCluster(
  database: Database,
  isAlone: boolean,
  signal?: AbortSignal,
): Promise<ClusterClaim | undefined> {
  await database.command(
    `CREATE TABLE IF NOT EXISTS turnout.${CLAIMS} ON CLUSTER '${database.cluster}'
     (number UInt32 COMMENT 'The claim.', owner UUID COMMENT 'The collector that has it.',
      at DateTime64(3, 'UTC') COMMENT 'When the owner was heard of.', is_over UInt8 COMMENT '1: it was released.')
     ENGINE = ${COPIED_ENGINE} ORDER BY (number, at)
     SETTINGS replicated_deduplication_window = 10000
     COMMENT 'Which collector fills the history of new rollups.'`,
  );
  const owner = randomUUID();
  while (!signal?.aborted) {
    const latest = await latestClaim(database);
    if (!latest || latest.isFree || isAlone) {
      const number = (latest?.number ?? 0) + 1;
      // A token takes one record: the other insert is dropped without a word.
      await say(
        database,
        { number, owner, isOver: 0 },
        `insert_deduplicate = 1, insert_deduplication_token = 'claim-${number}'`,
      );
      await settleReplicas(database, [CLAIMS]);
      if ((await ownerOf(database, number)) === owner) return held(database, number, owner);
    }
    await wait(LOOK_EVERY_MS, undefined, { signal }).catch(() => {
      // Told to stop, which the loop looks at.
    });
  }
  return undefined;
}

function held(database: Database, number: number, owner: string): ClusterClaim {
  const tell = (isOver: 0 | 1) => say(database, { number, owner, isOver }, 'insert_deduplicate = 0');
  // A piece of a history may be a day of a billion rows: the owner is heard of while it waits for it, too.
  const timer = setInterval(() => {
    tell(0).catch(() => {
      // The next word may come through. Whoever is not heard of for a minute loses the claim, and check() says so.
    });
  }, SAY_EVERY_MS);
  timer.unref();
  return {
    async check() {
      await tell(0);
      await settleReplicas(database, [CLAIMS]);
      if ((await latestClaim(database))?.number === number) return;
      clearInterval(timer);
      throw new Error(
        'backfill: another collector has taken over, because nothing was heard of this one for a minute. It fills on.',
      );
    },
    async release() {
      clearInterval(timer);
      await tell(1);
    },
  };
}

function say(
  database: Database,
  { number, owner, isOver }: { number: number; owner: string; isOver: 0 | 1 },
  settings: string,
): Promise<void> {
  return database.command(
    `INSERT INTO turnout.${CLAIMS} (number, owner, at, is_over)
     SETTINGS async_insert = 0, insert_quorum = 'auto', ${settings} SELECT ${number}, '${owner}', now64(3), ${isOver}`,
  );
}

async function latestClaim(database: Database): Promise<{ number: number; isFree: boolean } | undefined> {
  const [claim] = await database.query<{ number: number; free: number }>(
    `SELECT number, toUInt8(max(is_over) = 1 OR max(at) < now64(3) - INTERVAL ${STALE_SECONDS} SECOND) AS free
     FROM turnout.${CLAIMS} GROUP BY number ORDER BY number DESC LIMIT 1`,
  );
  return claim && { number: claim.number, isFree: claim.free === 1 };
}

async function ownerOf(database: Database, number: number): Promise<string | undefined> {
  const [claim] = await database.query<{ owner: string }>(
    `SELECT toString(any(owner)) AS owner FROM turnout.${CLAIMS} WHERE number = ${number} HAVING count() > 0`,
  );
  return claim?.owner;
}
