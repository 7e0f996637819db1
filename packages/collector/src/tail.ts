/**
 * What arrives, as it arrives, for whoever watches (`turnout tail`). Nobody waits for who watches: a slow reader is told
 * how much it missed.
 */
import type { LogEntry } from './intake.ts';

/** What a watcher is sent, one a line. An empty one says that the collector is still there. */
export interface TailLine {
  /** A row as it was kept. */
  accepted?: object;
  /** A rejected interaction as it was kept: `code`, `message`, and the beginning of its text. */
  rejected?: object;
  /** So many came that could not be shown. */
  missed?: number;
}

export interface Tail {
  /** Tells the watchers of entries that are on disk. */
  taken(entries: readonly LogEntry[]): void;
  /**
   * Calls `show` with each line from now on, until the function that it returns is called.
   *
   * @param show - Returns false when it cannot take the line now: then the line is missed.
   * @returns Undefined when {@link MOST_WATCHERS} watch already.
   */
  watch(show: (line: string) => boolean, end: () => void): (() => void) | undefined;
  /** Sends all watchers away. */
  close(): void;
}

export const MOST_WATCHERS = 8;

interface Watcher {
  show: (line: string) => boolean;
  end: () => void;
  missed: number;
}

export function createTail(): Tail {
  const watchers = new Set<Watcher>();

  function tell(watcher: Watcher, line: string): void {
    if (watcher.missed > 0 && watcher.show(`{"missed":${watcher.missed}}`)) watcher.missed = 0;
    if (watcher.missed > 0 || !watcher.show(line)) watcher.missed += 1;
  }

  return {
    taken(entries) {
      if (watchers.size === 0) return;
      for (const { kind, json } of entries) {
        if (kind !== 'i' && kind !== 'd' && kind !== 'r') continue;
        // The row is JSON already.
        const line = `{"${kind === 'r' ? 'rejected' : 'accepted'}":${json}}`;
        for (const watcher of watchers) tell(watcher, line);
      }
    },
    watch(show, end) {
      if (watchers.size >= MOST_WATCHERS) return undefined;
      const watcher = { show, end, missed: 0 };
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
    close() {
      for (const { end } of watchers) end();
      watchers.clear();
    },
  };
}
