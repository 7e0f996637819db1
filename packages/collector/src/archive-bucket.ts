/** The archive of a month in a bucket: the database itself writes it there. */
import type { Database } from '@turnout/schema/migrate';
import { type Piece, selectPiece } from './archive-pieces.ts';
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
