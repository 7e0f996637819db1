import { readFile, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { openDisk } from '../log/disk.ts';
import { isObject } from '../read-json.ts';
import { crcOf } from './lines-of-file.ts';

/** How much an import has counted up to a line. */
interface Counts {
  /** Where the next line begins, how many came before, and what they say: see `FileLine`. */
  end: number;
  number: number;
  crc: number;
  accepted: number;
  rejected: number;
  /** How long the file of rejected lines was: what a crash left behind it is written again. */
  rejected_bytes: number;
}

/** How far an import has come: everything before `end` is acknowledged. */
export interface ImportProgress extends Counts {
  /** The database and the site. Into another one everything is another import. */
  into: string;
  /** Where it stood before a last line without a line break, and how long the file was: grown, it is read from there. */
  unfinished?: (Counts & { file_bytes: number }) | undefined;
}

const pathOf = (file: string) => `${file}.progress`;

/** What an earlier run of the same import left, or the beginning. */
export async function readProgress(file: string, into: string): Promise<ImportProgress> {
  const left = await readLeft(file);
  if (left?.into === into) {
    const progress = fromLineBreak(left, (await stat(file)).size);
    // A line that was put right after it was rejected lies before the end, and nothing else would read it again.
    if (progress.crc === (await crcOf(file, progress.end))) return progress;
    process.stderr.write(
      `${file} is not what it was where an earlier run read it, so it is read from its beginning. What is stored already is not counted again.\n`,
    );
  }
  return { into, end: 0, number: 0, crc: 0, accepted: 0, rejected: 0, rejected_bytes: 0 };
}

/** What has grown behind a line without a line break belongs to that line. What was stored of it is not counted again. */
function fromLineBreak({ unfinished, ...progress }: ImportProgress, fileBytes: number): ImportProgress {
  if (!unfinished || unfinished.file_bytes === fileBytes) return { ...progress, unfinished };
  const { file_bytes, ...counts } = unfinished;
  return { ...progress, ...counts };
}

/** The counts of a progress. */
export const countsOf = ({
  end,
  number,
  crc,
  accepted,
  rejected,
  rejected_bytes,
}: ImportProgress): Counts => ({
  end,
  number,
  crc,
  accepted,
  rejected,
  rejected_bytes,
});

/** Resolves when it is on the medium, whole. */
export async function writeProgress(file: string, progress: ImportProgress): Promise<void> {
  const disk = await openDisk(dirname(file));
  await disk.write(basename(pathOf(file)), Buffer.from(`${JSON.stringify(progress)}\n`));
}

async function readLeft(file: string): Promise<ImportProgress | undefined> {
  try {
    const left: unknown = JSON.parse(await readFile(pathOf(file), 'utf8'));
    return isProgress(left) ? left : sayAnew(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    return sayAnew(file); // No JSON.
  }
}

/** Whatever it is: rows are looked up before they are stored, so beginning anew counts nothing twice. */
function sayAnew(file: string): undefined {
  process.stderr.write(
    `${pathOf(file)} does not say how far an import came, so the file is read from its beginning. What is stored already is not counted again.\n`,
  );
  return undefined;
}

const COUNTS = ['end', 'number', 'crc', 'accepted', 'rejected', 'rejected_bytes'] as const;

const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;

function isProgress(left: unknown): left is ImportProgress {
  return (
    isObject(left) &&
    isUnfinished(left.unfinished) &&
    typeof left.into === 'string' &&
    COUNTS.every((name) => isCount(left[name]))
  );
}

function isUnfinished(left: unknown): boolean {
  return (
    left === undefined || (isObject(left) && [...COUNTS, 'file_bytes'].every((name) => isCount(left[name])))
  );
}
