/** Raw interactions as Parquet, a file a month or several: what outlives the retention, without what identifies a person. */
import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import type { Database } from '@turnout/schema/migrate';
import { fingerprintOf, inMonth } from './archive-months.ts';
import { parquetRows } from './parquet-rows.ts';
import { quoted } from './quoted.ts';

/** A bucket that speaks S3. */
export interface Bucket {
  /** With the bucket and a prefix, such as `https://s3.eu-west-1.amazonaws.com/bucket/turnout`. */
  url: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** Beside keys that are lent for a while. */
  sessionToken?: string | undefined;
}

/**
 * What clears after 90 days does not go into an archive, where nothing would clear it; nor do columns that are
 * only of use to the collector.
 */
const LEFT_OUT = ['user_id', 'visitor_id', 'session_id', 'page_url', 'props', 'batch', 'batch_id'];
/** Columns that stay when what they were computed from clears. */
const COMPUTED = ['session_key', 'result_count', 'click_id', 'media', 'quartile', 'variant_share'];

/** One file: some days of a month, or a share of the rows of one day. */
export interface Piece {
  /** The file, without its folder: `interactions-2026-01.parquet`, or with `.part-0002` where a month takes several. */
  name: string;
  month: string;
  /** What selects its rows among those of the month. */
  condition: string;
}

/**
 * An embedded engine hands out 256 MB in memory at once, and works a minute for them. Less than half of it, because
 * rows of one day may be larger than others.
 */
const BYTES_PER_FILE = 100_000_000;
const MOST_ROWS_PER_FILE = 200_000;

/** A month as one file: where the database writes it by itself, nothing bounds it. */
export function wholeMonth(month: string): Piece {
  return { name: `interactions-${month}.parquet`, month, condition: '1' };
}

/**
 * Cuts a month into files. Days stay together while they fit: a row that raw holds twice is in one piece. Every day is in
 * one of them, those without rows too: a row that comes after the cut is not left out.
 */
export async function piecesOf(
  database: Pick<Database, 'query'>,
  month: string,
  mostRows = MOST_ROWS_PER_FILE,
): Promise<Piece[]> {
  const ofMonth = inMonth(month);
  const [sizes] = await database.query<{ row: string }>(
    `SELECT toString(sum(data_uncompressed_bytes) / sum(rows)) AS row FROM system.parts
     WHERE database = 'turnout' AND table LIKE 'interactions%' AND active AND partition = '${month.replace('-', '')}'`,
  );
  // Of a part that was just merged away there is no size; on a cluster this asks one shard.
  const rowsPerFile = Math.max(
    1,
    Math.min(mostRows, Math.floor(BYTES_PER_FILE / (Number(sizes?.row) || 500))),
  );
  const days = await database.query<{ day: string; rows: string }>(
    `SELECT toString(id_day) AS day, toString(count()) AS rows FROM turnout.interactions
     WHERE ${ofMonth} GROUP BY id_day ORDER BY id_day`,
  );
  const conditions: string[] = [];
  let [after, rows] = ['', 0];
  for (const [index, { day, rows: own }] of days.entries()) {
    rows += Number(own);
    const next = days[index + 1];
    if (next && rows + Number(next.rows) <= rowsPerFile) continue;
    const shares = Math.ceil(rows / rowsPerFile);
    const span = [after && `id_day > '${after}'`, next && `id_day <= '${day}'`].filter(Boolean);
    for (let share = 0; share < shares; share += 1) {
      const ofShare = shares === 1 ? [] : [`cityHash64(id) % ${shares} = ${share}`];
      conditions.push([...span, ...ofShare].join(' AND ') || '1');
    }
    [after, rows] = [day, 0];
  }
  if (conditions.length === 1) return [wholeMonth(month)];
  return conditions.map((condition, index) => ({
    name: `interactions-${month}.part-${String(index + 1).padStart(4, '0')}.parquet`,
    month,
    condition,
  }));
}

/** The rows of a piece. FINAL: an interaction that raw holds twice happened once. */
const selectPiece = ({ month, condition }: Piece) =>
  `SELECT * EXCEPT (${LEFT_OUT.join(', ')}), ${COMPUTED.join(', ')} FROM turnout.interactions FINAL
    WHERE ${inMonth(month)} AND ${condition} ORDER BY site_id, id_day, type, user_key, id`;

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

/**
 * Has the database itself write a piece into a bucket.
 *
 * @throws Error that says which file and why, and no secret, whatever the database or the bucket answer.
 */
export async function archiveToBucket(
  database: Pick<Database, 'command'>,
  bucket: Bucket,
  piece: Piece,
): Promise<void> {
  try {
    await database.command(bucketStatement(bucket, piece));
  } catch (error) {
    const why = withoutKeys(String(error instanceof Error ? error.message : error), bucket);
    // No cause: it would carry the statement.
    throw new Error(
      `${piece.name} could not be written to ${bucket.url}: ${why.trim()} Check the address, the bucket and the keys, and archive again; ` +
        'what is there is replaced when the new object is whole.',
    );
  }
}

/** The statement of {@link archiveToBucket}. */
export function bucketStatement(bucket: Bucket, piece: Piece): string {
  const { url, accessKeyId, secretAccessKey, sessionToken } = bucket;
  const keys = [accessKeyId, secretAccessKey, ...(sessionToken ? [sessionToken] : [])];
  const target = [`${url.replace(/\/$/, '')}/${piece.name}`, ...keys, 'Parquet'].map(quoted);
  // The engine tries 500 times of its own accord: minutes before anybody hears that a bucket is not there.
  return `INSERT INTO FUNCTION s3(${target.join(', ')}) ${selectPiece(piece)}
    SETTINGS s3_truncate_on_insert = 1, s3_retry_attempts = 4, s3_connect_timeout_ms = 5000`;
}

/** The text without the secrets, as they are and as they are written in SQL, JSON and addresses. The id of a key is none. */
function withoutKeys(text: string, { secretAccessKey, sessionToken }: Bucket): string {
  let safe = text;
  for (const key of [secretAccessKey, sessionToken ?? '']) {
    const forms = [key, quoted(key).slice(1, -1), JSON.stringify(key).slice(1, -1), encodeURIComponent(key)];
    for (const form of forms) if (form !== '') safe = safe.replaceAll(form, '[key]');
  }
  return safe.slice(0, 1_000);
}
