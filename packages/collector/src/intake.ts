import type { Log } from './log/log.ts';
import type { LogEntry } from './log/record.ts';
import { createOwners, ownedName } from './owned-rows.ts';
import type { Recent } from './recent.ts';

export type { LogEntry };

/** Takes the rows of one request and resolves when each of them, or its twin, is on disk. */
export interface Intake {
  /**
   * Why nothing can be taken just now, asked before a body is read: to judge what is refused in the end would take from
   * the writer the time that it needs to make room. Undefined when something can be taken.
   */
  whyFull?(): Error | undefined;
  /**
   * Asks whether so many interactions may come, before anything is learned from them; without it, any number may.
   *
   * @returns What gives back those that are not taken in the end.
   * @throws Problem 429 when they may not.
   */
  letIn?(interactions: number): Promise<(interactions: number) => Promise<void>>;
  /**
   * @returns How many were duplicates of one in flight or lately seen.
   * @throws LogFull, DiskFull, LogBusy or LogFailed: nothing of this request counts as taken.
   */
  take(entries: readonly LogEntry[]): Promise<{ duplicates: number }>;
}

/** A key travels beside the record that it names, and is no row of its own. */
const countRows = (entries: readonly LogEntry[]) => entries.filter(({ kind }) => kind !== 'k').length;

const nameOf = ({ key, teller }: LogEntry) => (teller === undefined ? key : `${key} ${teller}`);

/** Duplicates are dropped here, before the log; what memory no longer knows is left to the writer's plan. */
export function createIntake(log: Pick<Log, 'append'>, recent: Recent): Intake {
  return {
    async take(entries) {
      let settle!: { resolve: () => void; reject: (error: unknown) => void };
      const onDisk = new Promise<void>((resolve, reject) => {
        settle = { resolve, reject };
      });
      onDisk.catch(() => undefined); // Twins hear of it; without a twin the caller below does.

      // What memory may not know yet is looked up by the writer, and the log keeps that: it holds at any later time.
      const isUnsure = !recent.isWhole();
      const twins: Promise<void>[] = [];
      const claimed: string[] = [];
      const ownerOf = createOwners();
      const keysNeeded = new Set<number>();
      const taken = entries.map((entry) => {
        const owner = ownerOf(entry);
        // The plan may leave out what came under a key that stands for something else. So such a row is a twin only of
        // one that certainly stays, or of itself under the same key. So it is with a line of an order that somebody else
        // told of first.
        const name = owner === undefined ? nameOf(entry) : ownedName(entries[owner] as LogEntry, entry);
        const twin = (owner === undefined ? undefined : recent.find(entry.key)) ?? recent.claim(name, onDisk);
        if (!twin) {
          claimed.push(name);
          if (owner !== undefined) keysNeeded.add(owner);
        } else if (twin !== onDisk) twins.push(twin); // A twin in this very batch travels along.
        if (twin) return undefined;
        return (isUnsure || owner !== undefined) && entry.kind === 'i'
          ? { ...entry, kind: 'd' as const }
          : entry;
      });
      // A row goes with its key, though that came before.
      const fresh = entries.flatMap((entry, index) => taken[index] ?? (keysNeeded.has(index) ? entry : []));

      try {
        if (fresh.length > 0) await log.append(fresh);
      } catch (error) {
        recent.forget(claimed);
        settle.reject(error);
        throw error;
      }
      // They are on disk now, whatever happens next: nothing may make them new again.
      settle.resolve();
      recent.settle(claimed);
      // A twin whose write failed fails this request too: it is sent again, and then it is new.
      await Promise.all(twins);
      return { duplicates: countRows(entries) - countRows(fresh) };
    },
  };
}
