/**
 * Which values count against the caps of a site this month, kept beside the log: a word that was known stays known after
 * a restart, and one that became `(other)` stays that.
 *
 * The tables tell the same only in part: reading all of a month would take too long at a start. Lines are appended
 * without a sync, so a power cut may cost the last of them; those are read from the tables again.
 */
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CappedColumn, Caps } from './caps.ts';
import type { Disk } from './log/disk.ts';

export interface KnownWords {
  /** Keeps one more. */
  note(siteId: string, column: CappedColumn, value: string, month: string): void;
  /** Tells the caps what an earlier run knew. To be called before they are asked for anything. */
  tell(caps: Pick<Caps, 'learn'>): void;
  /** Forgets what a site used; of the running month it still counts here until the next start. */
  forgetSite(siteId: string): Promise<void>;
  /** Takes out what is of months that are over. */
  prune(): Promise<void>;
  /** Resolves when all that was noted is written. */
  settle(): Promise<void>;
}

/** A word, as a line of the file. */
type Word = [month: string, site: string, column: CappedColumn, value: string];

const NAME = 'words.ndjson';
const LINE_BREAK = 10;

export async function openKnownWords(
  disk: Pick<Disk, 'list' | 'read' | 'write'>,
  folder: string,
  log: { warn(details: object, message: string): void },
  now: () => number = Date.now,
): Promise<KnownWords> {
  const month = () => new Date(now()).toISOString().slice(0, 7);
  const bytes = (await disk.list()).includes(NAME) ? await disk.read(NAME) : Buffer.alloc(0);
  const known = wordsIn(bytes);
  // Those of a month that is over count for nothing.
  const kept = known.filter(([of]) => of === month());
  // Behind a line that a crash cut off the next one would be lost, too.
  const isTorn = bytes.byteLength > 0 && bytes.at(-1) !== LINE_BREAK;
  if (isTorn || kept.length < known.length) await disk.write(NAME, linesOf(kept));
  let waiting: Word[] = [];
  let writing: Promise<void> = Promise.resolve();
  let isTelling = false;
  let prunedIn = month();

  /** One change of the file at a time. */
  function change(act: () => Promise<void>): Promise<void> {
    writing = writing.then(act).catch((error) => {
      // On a full disk, say: the caps hold all the same, and the tables tell most of it at the next start.
      log.warn({ error: String(error) }, 'the names that sites use cannot be kept');
    });
    return writing;
  }

  const keepOnly = (isKept: (word: Word) => boolean, onDone = () => {}) =>
    change(async () => {
      const words = (await disk.list()).includes(NAME) ? wordsIn(await disk.read(NAME)) : [];
      const left = words.filter(isKept);
      if (left.length < words.length) await disk.write(NAME, linesOf(left));
      onDone();
    });

  return {
    note(siteId, column, value, of) {
      if (isTelling) return;
      waiting.push([of, siteId, column, value]);
      if (waiting.length > 1) return;
      void change(async () => {
        const words = waiting;
        waiting = [];
        await appendFile(join(folder, NAME), linesOf(words), { mode: 0o600 });
      });
    },
    tell(caps) {
      isTelling = true;
      for (const [of, site, column, value] of kept) caps.learn(site, column, [value], of);
      isTelling = false;
    },
    forgetSite: (siteId) => keepOnly(([, site]) => site !== siteId),
    async prune() {
      if (prunedIn === month()) return;
      const now = month();
      await keepOnly(
        ([of]) => of === now,
        () => {
          prunedIn = now;
        },
      );
    },
    settle: () => writing,
  };
}

const linesOf = (words: readonly Word[]) =>
  Buffer.from(words.map((word) => `${JSON.stringify(word)}\n`).join(''));

/** A crash may have cut the last line off, or run two together: those are no JSON. */
function wordsIn(bytes: Buffer): Word[] {
  return bytes
    .toString('utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        const word: unknown = JSON.parse(line);
        const isWord =
          Array.isArray(word) && word.length === 4 && word.every((part) => typeof part === 'string');
        return isWord ? [word as Word] : [];
      } catch {
        return []; // As above; the word is learned again.
      }
    });
}
