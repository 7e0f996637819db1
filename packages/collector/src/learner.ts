/**
 * Keeps what the collector knows in step with the tables: loaded at the start, looked at again from time to time,
 * because other collectors learn, are told and erase, too.
 */
import type { Database } from '@turnout/schema/migrate';
import type { Learning } from './facts.ts';
import { createIntake } from './intake.ts';
import { createKnowledge, MAX_EVENTS, MAX_PEOPLE } from './knowledge.ts';
import type { Log } from './log/log.ts';
import { type Removals, WHOLE_SITE } from './privacy/site-removal.ts';
import type { Tombstones } from './privacy/tombstones.ts';
import { createRecent } from './recent.ts';

export interface Learner {
  learning: Learning;
  /** Resolves when what is known has been read once, or cannot be read now. */
  start(): Promise<void>;
  /** Reads what is new. */
  refresh(): Promise<void>;
  /** Reads what others erased, unless that was read just now. @throws DatabaseError when it cannot. */
  hear(): Promise<void>;
  /** Forgets people, and which facts were stored already. */
  forget(siteId: string, userKeys: readonly string[]): void;
  /** The same for all of a site. */
  forgetSite(siteId: string): void;
  stop(): Promise<void>;
}

export interface LearnerOptions {
  log: Pick<Log, 'append'>;
  database: Pick<Database, 'query'>;
  tombstones: Tombstones;
  removals?: Pick<Removals, 'learn'>;
  visitorKey: Learning['visitorKey'];
  onError(error: unknown): void;
}

/** How soon a collector hears what another one was told. */
export const REFRESH_MS = 10_000;
/** What was read so long ago is read again before rows are stored: an erasure waits for longer than that. */
const HEARD_MS = 1.2 * REFRESH_MS;
/** A row may become visible this long after the moment it says: it is read twice rather than missed. */
const OVERLAP_SECONDS = 120;
/** The same fact is not stored again for so long. */
const KEEP_FACTS_MS = 86_400_000;
const MAX_FACTS = 200_000;

export function createLearner({
  log,
  database,
  tombstones,
  removals,
  visitorKey,
  onError,
}: LearnerOptions): Learner {
  const known = createKnowledge();
  const rememberFacts = () => createIntake(log, createRecent({ keepMs: KEEP_FACTS_MS, maxIds: MAX_FACTS }));
  let facts = rememberFacts();
  /** When sites were removed, here or by another collector. */
  const removedAt = new Map<string, number>();
  let since: string | undefined;
  let started: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let heardAt = Number.NEGATIVE_INFINITY;

  async function refresh(): Promise<void> {
    const [clock] = await database.query<{ now: string }>(
      `SELECT toString(now64(3, 'UTC') - INTERVAL ${OVERLAP_SECONDS} SECOND) AS now`,
    );
    // At first the newest of all, later what was written since: both oldest first, so that the newest is kept.
    const from = since ?? '1970-01-01 00:00:00.000';
    await readErasures(from);
    await readEvents(from);
    await readPeople(from);
    since = clock?.now;
  }

  async function readErasures(from: string): Promise<void> {
    const begun = performance.now();
    const stones = await database.query<{ site_id: string; user_key: string; at: string }>(
      `SELECT site_id, toString(user_key) AS user_key, toString(toUnixTimestamp64Milli(max(e.at))) AS at
       FROM turnout.erasures AS e WHERE e.recorded_at >= {from:DateTime64(3, 'UTC')} GROUP BY site_id, user_key`,
      { from },
    );
    const fresh = stones.filter(
      ({ site_id, user_key, at }) =>
        user_key !== WHOLE_SITE && !tombstones.knows(site_id, user_key, Number(at)),
    );
    const gone = stones.filter(
      ({ site_id, user_key, at }) => user_key === WHOLE_SITE && Number(at) > (removedAt.get(site_id) ?? 0),
    );
    for (const { site_id, at } of gone) {
      removedAt.set(site_id, Number(at));
      removals?.learn(site_id, Number(at));
      known.forgetSite(site_id);
    }
    tombstones.learn(fresh.map((stone) => ({ ...stone, at: Number(stone.at) })));
    for (const { site_id, user_key } of fresh) known.forget(site_id, [user_key]);
    // As in `forget`: a link that is not stored again would hide the visitor from the next erasure.
    if (fresh.length + gone.length > 0) facts = rememberFacts();
    heardAt = begun;
  }

  async function readEvents(from: string): Promise<void> {
    const events = await database.query<Record<string, string | null>>(
      `SELECT * FROM (
         SELECT site_id, entity_id, toString(version) AS version, toString(deleted) AS deleted, artist_id, venue_id, toString(genre) AS genre,
           toString(starts_on) AS event_date, toString(price_min) AS price_min, toString(price_max) AS price_max, updated_at
         FROM turnout.entities FINAL
         WHERE entity_type = 'event' AND updated_at >= {from:DateTime64(3, 'UTC')} ORDER BY updated_at DESC LIMIT ${MAX_EVENTS}
       ) ORDER BY updated_at`,
      { from },
    );
    for (const { site_id, entity_id, version, deleted, updated_at, ...columns } of events)
      known.setEvent(
        site_id ?? '',
        entity_id ?? '',
        deleted === '1' ? undefined : filled(columns),
        version ?? '0',
      );
  }

  async function readPeople(from: string): Promise<void> {
    const people = await database.query<{
      site_id: string;
      user_key: string;
      version: string;
      birth_year: number | null;
      gender: string;
      city: string;
      country: string;
    }>(
      `SELECT site_id, user_key, version, birth_year, gender, city, country FROM (
         SELECT site_id, toString(user_key) AS user_key, toString(version) AS version, birth_year, toString(gender) AS gender, city, toString(country) AS country, updated_at
         FROM turnout.people FINAL
         WHERE updated_at >= {from:DateTime64(3, 'UTC')} ORDER BY updated_at DESC LIMIT ${MAX_PEOPLE}
       ) ORDER BY updated_at`,
      { from },
    );
    for (const { site_id, user_key, version, ...columns } of people)
      known.setPerson(site_id, user_key, filled(columns), version);
  }

  async function go(): Promise<void> {
    await refresh().catch(onError);
    if (isStopped) return;
    timer = setTimeout(() => void go(), REFRESH_MS);
    timer.unref();
  }

  return {
    learning: { known, facts: { take: (entries) => facts.take(entries) }, visitorKey },
    start() {
      started ??= go();
      return started;
    },
    refresh,
    async hear() {
      if (performance.now() - heardAt > HEARD_MS) await readErasures(since ?? '1970-01-01 00:00:00.000');
    },
    forget(siteId, userKeys) {
      known.forget(siteId, userKeys);
      // Who comes back is linked and described anew.
      facts = rememberFacts();
    },
    forgetSite(siteId) {
      known.forgetSite(siteId);
      facts = rememberFacts();
    },
    async stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

/** Without the columns that say nothing. */
function filled<Columns extends object>(
  columns: Columns,
): { [Name in keyof Columns]?: NonNullable<Columns[Name]> } {
  const kept = Object.entries(columns).filter(([, value]) => value !== null && value !== '');
  return Object.fromEntries(kept) as { [Name in keyof Columns]?: NonNullable<Columns[Name]> };
}
