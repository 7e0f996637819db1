/** Raw interactions as Parquet, one file a month: what outlives the retention, without what identifies a person. */
import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import type { Database } from '@turnout/schema/migrate';

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

/** The months that are over and have rows, as `2026-01`, oldest first. */
export async function archivableMonths(database: Pick<Database, 'query'>): Promise<string[]> {
  const months = await database.query<{ month: string }>(
    `SELECT DISTINCT formatDateTime(ts, '%Y-%m') AS month FROM turnout.interactions
     WHERE toYYYYMM(ts) < toYYYYMM(now('UTC')) ORDER BY month`,
  );
  return months.map(({ month }) => month);
}

/** The rows of a month. FINAL: an interaction that raw holds twice happened once. */
function selectMonth(month: string): string {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month))
    throw new Error(`A month is written like 2026-01, not ${JSON.stringify(month)}.`);
  return `SELECT * EXCEPT (${LEFT_OUT.join(', ')}), session_key FROM turnout.interactions FINAL
    WHERE toYYYYMM(ts) = ${month.replace('-', '')} ORDER BY site_id, id_day, type, user_key, id`;
}

const nameOf = (month: string) => `interactions-${month}.parquet`;

/**
 * Writes a month into a folder. An existing file is replaced when the new one is whole.
 *
 * @param sqlUrl - Where SQL is answered over HTTP.
 * @returns The path of the file.
 */
export async function archiveToFolder(sqlUrl: string, folder: string, month: string): Promise<string> {
  const { username, password, origin, pathname } = new URL(sqlUrl);
  const headers: Record<string, string> = username
    ? { Authorization: `Basic ${btoa(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)}` }
    : {};
  const body = `${selectMonth(month)} FORMAT Parquet`;
  const response = await fetch(`${origin}${pathname}`, { method: 'POST', body, headers });
  if (!response.ok || !response.body) throw new Error(await response.text());

  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, nameOf(month));
  const temporary = `${path}.tmp`;
  try {
    const file = createWriteStream(temporary, { mode: 0o600, flush: true });
    await pipeline(Readable.fromWeb(response.body as ReadableStream<Uint8Array>), file);
    await refuseCutOff(temporary);
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
  return path;
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
 * Has the database itself write a month into a bucket.
 *
 * @throws Error that says which month and why, and none of the keys, whatever the database or the bucket answer.
 */
export async function archiveToBucket(
  database: Pick<Database, 'command'>,
  bucket: Bucket,
  month: string,
): Promise<void> {
  try {
    await database.command(bucketStatement(bucket, month));
  } catch (error) {
    const why = withoutKeys(String(error instanceof Error ? error.message : error), bucket);
    // No cause: it would carry the statement.
    throw new Error(
      `${month} could not be written to ${bucket.url}: ${why.trim()} Check the address, the bucket and the keys, and archive again; ` +
        'what is there is replaced when the new object is whole.',
    );
  }
}

/** The statement of {@link archiveToBucket}. */
export function bucketStatement(bucket: Bucket, month: string): string {
  const { url, accessKeyId, secretAccessKey, sessionToken } = bucket;
  const keys = [accessKeyId, secretAccessKey, ...(sessionToken ? [sessionToken] : [])];
  const target = [`${url.replace(/\/$/, '')}/${nameOf(month)}`, ...keys, 'Parquet'].map(quoted);
  // The engine tries 500 times of its own accord: minutes before anybody hears that a bucket is not there.
  return `INSERT INTO FUNCTION s3(${target.join(', ')}) ${selectMonth(month)}
    SETTINGS s3_truncate_on_insert = 1, s3_retry_attempts = 4, s3_connect_timeout_ms = 5000`;
}

/** The text without the secret ones of the keys, as they are and as they are written in SQL, JSON and addresses. */
function withoutKeys(text: string, { secretAccessKey, sessionToken }: Bucket): string {
  let safe = text;
  for (const key of [secretAccessKey, sessionToken ?? '']) {
    const forms = [key, quoted(key).slice(1, -1), JSON.stringify(key).slice(1, -1), encodeURIComponent(key)];
    for (const form of forms) if (form !== '') safe = safe.replaceAll(form, '[key]');
  }
  return safe.slice(0, 1_000);
}

const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
