import { createNames } from './names.ts';

/**
 * Ids in flight or lately seen: what stops a duplicate that comes soon after its twin.
 *
 * A browser may resend a request by itself when a reused connection breaks, and both copies say
 * `attempt=0`. The second gets its answer when the first is on disk, never before. Ids are kept at
 * least `keepMs`, unless more than `maxIds` come in that time; the writer's look-up covers older ones.
 * A memory that begins knows nothing of what an earlier run took, until it is told.
 */
export interface Recent {
  /** Undefined when the key is new (and now in flight until `settle` or `forget`); else resolves when its twin is on disk. */
  claim(key: string, onDisk: Promise<void>): Promise<void> | undefined;
  /** The same, and claims nothing. */
  find(key: string): Promise<void> | undefined;
  /** These keys are on disk. */
  settle(keys: readonly string[]): void;
  /** Forgets keys whose write failed: their retry is new. */
  forget(keys: readonly string[]): void;
  /** Adds what an earlier run took: all of it since that time, in ms since 1970. */
  remember(keys: Iterable<string>, since: number): void;
  /** False while something may be unknown that came within `keepMs`: then the writer looks rows up. */
  isWhole(): boolean;
}

export const KEEP_IDS_MS = 10 * 60_000;
const MAX_IDS = 1_000_000;
/** As many of an earlier run are remembered: one generation. */
export const MAX_EARLIER_IDS = MAX_IDS / 2;

export interface RecentOptions {
  keepMs?: number;
  maxIds?: number;
  now?: () => number;
}

const ON_DISK = Promise.resolve();

export function createRecent(options: RecentOptions = {}): Recent {
  const { keepMs = KEEP_IDS_MS, maxIds = MAX_IDS, now = Date.now } = options;
  const inFlight = new Map<string, Promise<void>>();
  // Two generations: the older one is dropped as a whole, so nothing has to be swept.
  let newer = createNames();
  let older = createNames();
  let turned = now();
  let reachesBackTo = turned;

  function turn(): void {
    if (now() - turned < keepMs && newer.size < maxIds / 2) return;
    older = newer;
    newer = createNames(older.size);
    turned = now();
  }

  const find = (key: string) => inFlight.get(key) ?? (newer.has(key) || older.has(key) ? ON_DISK : undefined);

  return {
    find,
    claim(key, onDisk) {
      const twin = find(key);
      if (twin) return twin;
      inFlight.set(key, onDisk);
      return undefined;
    },
    settle(keys) {
      turn();
      for (const key of keys) {
        inFlight.delete(key);
        newer.add(key);
      }
    },
    forget(keys) {
      for (const key of keys) inFlight.delete(key);
    },
    remember(keys, since) {
      for (const key of keys) older.add(key);
      reachesBackTo = Math.min(reachesBackTo, since);
    },
    isWhole: () => now() - reachesBackTo >= keepMs,
  };
}
