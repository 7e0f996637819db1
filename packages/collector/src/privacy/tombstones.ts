/**
 * Tombstones: whose data was erased, and until when nothing of theirs is taken.
 *
 * A tombstone is on the medium before anything is deleted, so that whatever comes later, a late batch or a
 * segment from a backup, finds it. They are kept for ever: they hold a pseudonym and a time.
 */
import { utcTime } from '../local-date.ts';
import type { Disk } from '../log/disk.ts';
import type { LogRecord } from '../log/record.ts';
import { readKept } from '../read-kept.ts';

/** One run of an erasure. */
export interface Erasure {
  /** A UUID. */
  id: string;
  site_id: string;
  /** What was recorded until then goes: ms since 1970. */
  at: number;
  user_keys: string[];
  /** As they were asked for, to go on after a crash; none are kept once it is done. */
  ids: readonly string[];
  /** The tables are rid of them. Until then what was planned before goes on its way, and is deleted there. */
  isDone: boolean;
}

/** When something was recorded, as rows say it; a kind of row has some of these. */
export interface Recorded {
  ts?: string;
  received_at?: string;
  linked_at?: string;
  updated_at?: string;
}

export interface Tombstones {
  /** Resolves when it is on the medium. An erasure of the same id is replaced. */
  write(erasure: Erasure): Promise<void>;
  pending(): Erasure[];
  /** What another collector erased. */
  learn(stones: readonly { site_id: string; user_key: string; at: number }[]): void;
  /** True when a tombstone of that time, or a later one, is known. */
  knows(siteId: string, userKey: string, at: number): boolean;
  /** True for what was recorded of a person before they were erased. */
  covers(siteId: string, userKey: string, recorded: Recorded): boolean;
  /** The same for a record of the log; `isPlanned` as in the writer's options. */
  isErased(record: LogRecord, state: { isPlanned: boolean }): boolean;
}

const NAME = 'erasures.json';

/** Opens the tombstones of a data folder. */
export async function openTombstones(disk: Pick<Disk, 'list' | 'read' | 'write'>): Promise<Tombstones> {
  const erasures = (await readKept<Erasure[]>(disk, NAME)) ?? [];
  /** `site/key` → until when, and whether its erasure is under way. */
  const stones = new Map<string, { until: string; isDone: boolean }>();

  function set(siteId: string, userKey: string, at: number, isDone: boolean): void {
    const name = `${siteId}/${userKey}`;
    const until = utcTime(at);
    const known = stones.get(name);
    if (!known || until >= known.until) stones.set(name, { until, isDone });
  }
  for (const { site_id, at, user_keys, isDone } of erasures)
    for (const key of user_keys) set(site_id, key, at, isDone);

  const isBefore = (until: string, { ts, received_at, linked_at, updated_at }: Recorded) =>
    [ts, received_at, linked_at, updated_at].some((time) => time !== undefined && time <= until);

  return {
    async write(erasure) {
      const at = erasures.findIndex(({ id }) => id === erasure.id);
      const next = [...erasures];
      next.splice(at < 0 ? next.length : at, at < 0 ? 0 : 1, erasure);
      await disk.write(NAME, Buffer.from(JSON.stringify(next)));
      erasures.splice(0, erasures.length, ...next);
      for (const key of erasure.user_keys) set(erasure.site_id, key, erasure.at, erasure.isDone);
    },
    pending: () => erasures.filter(({ isDone }) => !isDone),
    learn(others) {
      for (const { site_id, user_key, at } of others) set(site_id, user_key, at, true);
    },
    knows: (siteId, userKey, at) => (stones.get(`${siteId}/${userKey}`)?.until ?? '') >= utcTime(at),
    covers(siteId, userKey, recorded) {
      const stone = stones.get(`${siteId}/${userKey}`);
      return stone !== undefined && isBefore(stone.until, recorded);
    },
    isErased(record, { isPlanned }) {
      if (stones.size === 0) return false;
      const siteId = record.key.slice(0, record.key.indexOf('/'));
      return keysIn(record.json).some((key) => {
        const stone = stones.get(`${siteId}/${key}`);
        if (!stone || (isPlanned && !stone.isDone)) return false;
        return isBefore(stone.until, JSON.parse(String(record.json)) as Recorded);
      });
    },
  };
}

const COLUMNS = ['"user_key":"', '"visitor_key":"'].map((text) => Buffer.from(text));
const QUOTE = 34;

/** The people a row is about. Rows have their columns before their props, and quotes inside of text are escaped. */
function keysIn(json: Buffer): string[] {
  return COLUMNS.flatMap((column) => {
    const at = json.indexOf(column);
    if (at < 0) return [];
    const from = at + column.byteLength;
    return [json.toString('latin1', from, json.indexOf(QUOTE, from))];
  });
}
