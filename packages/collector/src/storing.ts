/** How storing gets on: batches are taken all the same, and without a word an operator would hear of it from a full log. */
import { publicReason } from './public-reason.ts';

export interface Storing {
  failed(error: unknown): void;
  stored(): void;
  /**
   * `ok`, or since when it fails or is behind, and why.
   *
   * @param log - What waits, and since when.
   */
  state(log: { bytes(): number; since(): number | undefined }): string;
}

/** A segment is stored seconds after its first row. A large import, a backup and an erasure take longer. */
const BEHIND_MS = 60_000;

export function createStoring(now: () => number = Date.now): Storing {
  let failure: { since: number; attempts: number; reason: string } | undefined;
  return {
    failed(error) {
      const { since, attempts } = failure ?? { since: now(), attempts: 0 };
      failure = { since, attempts: attempts + 1, reason: publicReason(error) };
    },
    stored() {
      failure = undefined;
    },
    state(log) {
      const waiting = `${log.bytes()} bytes wait in the log; batches are taken until it is full`;
      if (failure) {
        const { since, attempts, reason } = failure;
        return `fails since ${timeOf(since)}, ${attempts} attempts so far: ${reason} (${waiting})`;
      }
      const oldest = log.since();
      return oldest !== undefined && now() - oldest > BEHIND_MS
        ? `is behind: the oldest row waits since ${timeOf(oldest)} (${waiting})`
        : 'ok';
    },
  };
}

const timeOf = (ms: number) => new Date(ms).toISOString();
