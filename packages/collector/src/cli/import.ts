import { type FileHandle, open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Answer, MAX_BODY_BYTES } from '@turnout/schema';
import { defineCommand } from 'citty';
import { readConfig } from '../config.ts';
import { MAX_IMPORT_BYTES, MAX_IMPORT_LINES } from '../doors/import-lines.ts';
import { findRunning } from '../run-file.ts';
import { askPatiently } from './ask-patiently.ts';
import { countsOf, type ImportProgress, readProgress, writeProgress } from './import-progress.ts';
import { type FileLine, openLines } from './lines-of-file.ts';
import { fileToRead } from './name-file.ts';
import { onlyKey } from './only-key.ts';
import { dataDirArgument } from './settings.ts';
import { type CollectorAddress, withCollector } from './with-collector.ts';

const TELL_EVERY_MS = 1_000;

export const importFile = defineCommand({
  meta: {
    name: 'import',
    description: 'Store history from a file with one interaction a line; interrupted, run it again',
  },
  args: {
    file: { type: 'positional', required: true, description: 'Lines of JSON, plain or gzip' },
    key: { type: 'string', description: 'Write key of the site, where there are several' },
    ...dataDirArgument,
  },
  run: async ({ args }) => {
    const config = readConfig({ dataDir: args['data-dir'] }, process.env);
    const key = args.key ?? onlyKey(config, await findRunning(config.dataDir));
    const file = await fileToRead(args.file);
    // The same file into another database, or for another site, is another import.
    const into = `${config.clickhouseUrl ? new URL(config.clickhouseUrl).host : resolve(config.dataDir)} ${key}`;
    await withCollector(args['data-dir'], (collector) => importInto(collector, key, file, into), {
      takesOnly: true,
    });
  },
});

async function importInto(
  collector: CollectorAddress,
  key: string,
  file: string,
  into: string,
): Promise<void> {
  const progress = await readProgress(file, into);
  const begun = progress.number;
  if (begun > 0) process.stderr.write(`goes on behind line ${begun}, where an earlier run stopped\n`);
  const { size } = await stat(file);
  const { lines, bytesRead } = await openLines(file, progress, MAX_BODY_BYTES);
  const rejectedPath = `${file}.rejected.ndjson`;
  // What was sent is in it: as private as an export.
  const rejected = await open(rejectedPath, 'a', 0o600);
  try {
    const { size: kept } = await rejected.stat();
    if (kept < progress.rejected_bytes) {
      process.stderr.write(
        `${rejectedPath} is shorter than an earlier run left it: the lines that were rejected then are not in it any more.\n`,
      );
      progress.rejected_bytes = kept;
    }
    await rejected.truncate(progress.rejected_bytes);
    let told = Date.now();
    for await (const some of chunksOf(lines)) {
      const before = countsOf(progress);
      await send(collector, key, some, progress, rejected);
      progress.unfinished = some[0]?.isWhole ? undefined : { ...before, file_bytes: size };
      await writeProgress(file, progress);
      if (Date.now() - told < TELL_EVERY_MS) continue;
      told = Date.now();
      process.stderr.write(
        `${progress.number} lines, ${Math.floor((100 * bytesRead()) / Math.max(1, size))} % of the file, ${progress.rejected} rejected\n`,
      );
    }
  } finally {
    await rejected.close();
  }
  const { number, accepted, rejected: refused } = progress;
  process.stdout.write(
    `${number} lines${begun > 0 ? `, ${number - begun} of them now` : ''}: ${accepted} interactions accepted, ${refused} rejected.\n`,
  );
  if (refused > 0) process.stdout.write(`Why, line by line: ${rejectedPath}\n`);
}

/** As many lines as a request may hold. */
async function* chunksOf(lines: AsyncIterable<FileLine>): AsyncGenerator<FileLine[]> {
  let some: FileLine[] = [];
  let bytes = 0;
  for await (const line of lines) {
    const length = line.text === undefined ? 0 : Buffer.byteLength(line.text) + 1;
    // A last line without a line break goes alone: it may be counted again.
    const isFull = some.length >= MAX_IMPORT_LINES || bytes + length > MAX_IMPORT_BYTES || !line.isWhole;
    if (some.length > 0 && isFull) {
      yield some;
      some = [];
      bytes = 0;
    }
    some.push(line);
    bytes += length;
  }
  if (some.length > 0) yield some;
}

/** Sends some lines until they are acknowledged, keeps the rejected ones, and notes how far that is. */
async function send(
  collector: CollectorAddress,
  key: string,
  lines: readonly FileLine[],
  progress: ImportProgress,
  rejected: FileHandle,
): Promise<void> {
  const answer = await post(collector, key, lines.map(({ text }) => text ?? '').join('\n'));
  const tooLong = lines.flatMap(({ text }, index) =>
    text === undefined ? [{ index, id: null, code: 'too_large', message: TOO_LONG }] : [],
  );
  const reasons = [...answer.rejected, ...tooLong]
    .sort((a, b) => a.index - b.index)
    .map(({ index, id, code, message }) => {
      const { number, text } = lines[index] as FileLine;
      return `${JSON.stringify({ line: number, id, code, message, sent: text })}\n`;
    });
  if (reasons.length > 0) {
    const bytes = Buffer.from(reasons.join(''));
    await rejected.appendFile(bytes);
    await rejected.sync();
    progress.rejected_bytes += bytes.byteLength;
  }
  const last = lines.at(-1) as FileLine;
  progress.end = last.end;
  progress.number = last.number;
  progress.crc = last.crc;
  progress.accepted += answer.accepted;
  progress.rejected += reasons.length;
}

const TOO_LONG = `The line is longer than ${MAX_BODY_BYTES} bytes. Split what is in it.`;

async function post(
  { url, token }: CollectorAddress,
  key: string,
  body: string,
): Promise<Pick<Answer, 'accepted' | 'rejected'>> {
  // The log may be full: the database has to catch up first.
  const response = await askPatiently(() =>
    fetch(`${url}/v1/admin/import-lines?key=${encodeURIComponent(key)}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}` },
      body,
    }).catch((error) => {
      throw new Error(
        `The collector went away (${error instanceof Error ? error.message : error}). Run the same command again: it goes on where it stopped.`,
      );
    }),
  );
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as Answer;
}
