import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { crc32, createGunzip } from 'node:zlib';

/** One line of a file that may be far larger than memory. */
export interface FileLine {
  /** From 1, as editors count. */
  number: number;
  /** Where the next line begins, in bytes of what the file says (of a compressed one: inflated). */
  end: number;
  /** CRC-32 of everything before `end`: tells whether a later run finds the same file. */
  crc: number;
  /** False for a last line without a line break: more of it may be written yet. */
  isWhole: boolean;
  /** Undefined when it is longer than allowed: then nothing of it is kept. */
  text: string | undefined;
}

/** A file being read, and how far: bytes on the disk. */
export interface OpenLines {
  lines: AsyncIterable<FileLine>;
  bytesRead(): number;
}

/**
 * The lines of a file, plain or gzip (by its first two bytes).
 *
 * @param from - Where to begin: the `end`, `number` and `crc` of the line before.
 * @param maxBytes - Of one line.
 */
export async function openLines(
  path: string,
  from: Pick<FileLine, 'end' | 'number' | 'crc'>,
  maxBytes: number,
): Promise<OpenLines> {
  const isPacked = await isGzip(path);
  // What is packed can only be read from its beginning.
  const file = createReadStream(path, { start: isPacked ? 0 : from.end });
  const skipped = isPacked ? 0 : from.end;
  return {
    lines: split(isPacked ? inflated(file, from.end) : file, from, maxBytes),
    bytesRead: () => skipped + file.bytesRead,
  };
}

/** The CRC-32 of the first bytes of what a file says; undefined when it says less. */
export async function crcOf(path: string, bytes: number): Promise<number | undefined> {
  const isPacked = await isGzip(path);
  const file = createReadStream(path);
  let [crc, left] = [0, bytes];
  try {
    for await (const chunk of isPacked ? inflated(file, 0) : (file as AsyncIterable<Buffer>)) {
      crc = crc32(chunk.subarray(0, left), crc);
      left -= Math.min(left, chunk.byteLength);
      if (left === 0) break;
    }
  } catch (error) {
    // Packed anew and cut off: it says less than it did.
    if (!isPacked) throw error;
  } finally {
    file.destroy(); // Whoever stops inflating leaves the file open.
  }
  return left === 0 ? crc : undefined;
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}

async function* inflated(file: Readable, skip: number): AsyncGenerator<Buffer> {
  const stream = createGunzip();
  file.once('error', (error) => stream.destroy(error));
  let left = skip;
  for await (const chunk of file.pipe(stream) as AsyncIterable<Buffer>) {
    if (left >= chunk.byteLength) left -= chunk.byteLength;
    else {
      yield chunk.subarray(left);
      left = 0;
    }
  }
}

const LINE_BREAK = 0x0a;

async function* split(
  chunks: AsyncIterable<Buffer>,
  from: Pick<FileLine, 'end' | 'number' | 'crc'>,
  maxBytes: number,
): AsyncGenerator<FileLine> {
  let { end, number, crc } = from;
  let parts: Buffer[] = [];
  let length = 0;
  const add = (part: Buffer) => {
    length += part.byteLength;
    crc = crc32(part, crc);
    if (length > maxBytes) parts = [];
    else parts.push(part);
  };
  const take = (breaks: number): FileLine => {
    number += 1;
    end += length + breaks;
    if (breaks > 0) crc = crc32('\n', crc);
    // Whole lines are decoded, so no character is cut in two.
    const text = length > maxBytes ? undefined : Buffer.concat(parts).toString('utf8');
    parts = [];
    length = 0;
    return { number, end, crc, text, isWhole: breaks > 0 };
  };
  for await (const chunk of chunks) {
    let at = 0;
    for (let to = chunk.indexOf(LINE_BREAK); to >= 0; to = chunk.indexOf(LINE_BREAK, at)) {
      add(chunk.subarray(at, to));
      at = to + 1;
      yield take(1);
    }
    add(chunk.subarray(at));
  }
  if (length > 0) yield take(0);
}
