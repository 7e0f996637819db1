/** Raw interactions as Parquet, a file a month or several: what outlives the retention, without what identifies a person. */
import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import type { Database } from '@turnout/schema/migrate';
import { fingerprintOf } from './archive-months.ts';
import { type Piece, piecesOf, selectPiece } from './archive-pieces.ts';
import { parquetRows } from './parquet-rows.ts';

/** A month at rest is the same before and after it is written. An import that goes on changes it again and again. */
const MOST_ATTEMPTS = 3;

/**
 * Writes a month into a folder, as it was at one moment: where rows came or went meanwhile, it is written again.
 *
 * @returns The paths of the files.
 * @throws When the month does not come to rest, or has fewer rows than the files of before unless `mayShrink`; the files of before are still there.
 */
export async function archiveMonth(
  database: Pick<Database, 'query'>,
  sqlUrl: string,
  folder: string,
  month: string,
  { mayShrink = true }: { mayShrink?: boolean } = {},
): Promise<string[]> {
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
    const before = await fingerprintOf(database, month);
    const isSame = async () => (await fingerprintOf(database, month)) === before;
    const paths = await archiveToFolder(sqlUrl, folder, await piecesOf(database, month), isSame, {
      mayShrink,
    });
    if (paths) return paths;
  }
  throw new Error(
    `${month} changed each time while it was written, so its archive stays as it was. Is an import or an erasure running? Archive again when it is done.`,
  );
}

/**
 * Writes the files of a month into a folder. Those of before are replaced when the new ones are whole.
 *
 * @param sqlUrl - Where SQL is answered over HTTP.
 * @param isSame - Whether the month is still what was cut into pieces; asked when all are written.
 * @returns The paths of the files; undefined, and all as before, when the month is not the same any more.
 */
export async function archiveToFolder(
  sqlUrl: string,
  folder: string,
  pieces: readonly Piece[],
  isSame: () => Promise<boolean>,
  { mayShrink = true }: { mayShrink?: boolean } = {},
): Promise<string[] | undefined> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const paths = pieces.map(({ name }) => join(folder, name));
  try {
    for (const piece of pieces) await writePiece(sqlUrl, `${join(folder, piece.name)}.tmp`, piece);
    if (!(await isSame())) return undefined;
    if (!mayShrink) await refuseFewer(folder, pieces);
    for (const path of paths) await rename(`${path}.tmp`, path);
    // An earlier time may have cut the month otherwise, or have been cut off itself.
    for (const name of await readdir(folder))
      if (pieces.some(({ month }) => isOfMonth(name, month)) && !paths.includes(join(folder, name)))
        await rm(join(folder, name));
  } finally {
    for (const path of paths) await rm(`${path}.tmp`, { force: true });
  }
  return paths;
}

/** What expired stands in the files of before, and nowhere else. */
async function refuseFewer(folder: string, pieces: readonly Piece[]): Promise<void> {
  const before = (await readdir(folder)).filter(
    (name) => name.endsWith('.parquet') && pieces.some(({ month }) => isOfMonth(name, month)),
  );
  const had = await rowsInAll(before.map((name) => join(folder, name)));
  const has = await rowsInAll(pieces.map(({ name }) => `${join(folder, name)}.tmp`));
  if (has >= had) return;
  throw new Error(
    `The archive of ${pieces[0]?.month} in ${folder} has ${had} rows, and the tables have ${has} now, so it stays as it was. ` +
      'If they were erased, or you can do without what expired, add --replace; else name another folder with --to.',
  );
}

async function rowsInAll(paths: readonly string[]): Promise<number> {
  let rows = 0;
  for (const path of paths) rows += await parquetRows(path);
  return rows;
}

const isOfMonth = (name: string, month: string) =>
  name.startsWith(`interactions-${month}.`) && /\.parquet(\.tmp)?$/.test(name);

async function writePiece(sqlUrl: string, path: string, piece: Piece): Promise<void> {
  const { username, password, origin, pathname } = new URL(sqlUrl);
  const headers: Record<string, string> = username
    ? { Authorization: `Basic ${btoa(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)}` }
    : {};
  const body = `${selectPiece(piece)} FORMAT Parquet`;
  const response = await fetch(`${origin}${pathname}`, { method: 'POST', body, headers });
  if (!response.ok || !response.body) throw new Error(await response.text());
  const file = createWriteStream(path, { mode: 0o600, flush: true });
  await pipeline(Readable.fromWeb(response.body as ReadableStream<Uint8Array>), file);
  await refuseCutOff(path);
}

/** A Parquet file begins and ends with its name: an error in mid-answer leaves another end. */
async function refuseCutOff(path: string): Promise<void> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const end = Buffer.alloc(4);
    if (size >= 8) await file.read(end, 0, 4, size - 4);
    if (end.toString('latin1') !== 'PAR1')
      throw new Error('The database broke off in the middle. Archive again.');
  } finally {
    await file.close();
  }
}
