import type { Learning } from '../facts.ts';
import type { QueuedEntry } from './messages.ts';

/** An isolate sends the same fact once; then the older half of what it remembers is forgotten. */
const MAX_KEYS = 20_000;
/** No isolate hears of an erasure: who was erased and comes back must be linked to their visitor again. */
const KEEP_MS = 10 * 60_000;

/** Facts repeat with every batch: what the queue has taken is left out for a while. */
export function createFactQueue(
  send: (entries: readonly QueuedEntry[]) => Promise<void>,
  now: () => number = Date.now,
): {
  take(entries: readonly QueuedEntry[]): ReturnType<Learning['facts']['take']>;
} {
  let newer = new Set<string>();
  let older = new Set<string>();
  let turned = now();

  /** A fact is remembered through two halves, so that nothing has to be swept. */
  function turn(): void {
    const isOld = now() - turned >= KEEP_MS / 2;
    if (!isOld && newer.size <= MAX_KEYS / 2) return;
    older = now() - turned >= KEEP_MS ? new Set() : newer;
    newer = new Set();
    turned = now();
  }

  return {
    async take(entries) {
      turn();
      const fresh = entries.filter(({ key }) => !newer.has(key) && !older.has(key));
      if (fresh.length > 0) await send(fresh);
      // Only now: a fact on its way may still be lost, and whoever asks next must send it again.
      for (const { key } of fresh) newer.add(key);
      return { duplicates: entries.length - fresh.length };
    },
  };
}
