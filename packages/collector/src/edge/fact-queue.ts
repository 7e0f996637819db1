import type { Learning } from '../facts.ts';
import type { QueuedEntry } from './messages.ts';

/** An isolate sends the same fact once; then the oldest half of what it remembers is forgotten. */
const MAX_KEYS = 20_000;

/** Facts repeat with every batch: what the queue has taken is left out for as long as this isolate lives. */
export function createFactQueue(send: (entries: readonly QueuedEntry[]) => Promise<void>): {
  take(entries: readonly QueuedEntry[]): ReturnType<Learning['facts']['take']>;
} {
  let newer = new Set<string>();
  let older = new Set<string>();
  return {
    async take(entries) {
      const fresh = entries.filter(({ key }) => !newer.has(key) && !older.has(key));
      if (fresh.length > 0) await send(fresh);
      // Only now: a fact on its way may still be lost, and whoever asks next must send it again.
      for (const { key } of fresh) newer.add(key);
      if (newer.size > MAX_KEYS / 2) [older, newer] = [newer, new Set()];
      return { duplicates: entries.length - fresh.length };
    },
  };
}
