import { readdir, readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { basename, join } from 'node:path';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import {
  archivableMonths,
  archiveToBucket,
  archiveToFolder,
  bucketStatement,
  piecesOf,
  wholeMonth,
} from './archive.ts';
import { anEngineForThisFile } from './testing/engine.ts';
import { aRow } from './testing/rows.ts';
import { aFolder } from './testing/temporary.ts';

const { engine, database } = anEngineForThisFile();

/** A moment in the middle of an earlier month. */
const inMonth = (month: string) => ({
  ts: `${month}-15 12:00:00.000`,
  id_day: `${month}-15`,
  local_date: `${month}-15`,
});

test('each month that is over becomes one file, without what identifies a person', async () => {
  const batch = '019b7706-0000-4000-8000-000000000001';
  const rows = [
    aRow({
      ...inMonth('2026-01'),
      user_id: 'anna',
      page_url: 'https://secret.example/',
      props: { note: 'hers' },
    }),
    aRow({ ...inMonth('2026-01') }),
    aRow({ ...inMonth('2026-02') }),
    aRow(),
  ];
  const block = rows.map((row) => `${JSON.stringify({ ...row, batch })}\n`).join('');
  await database().insertBlock('turnout.interactions', batch, Buffer.from(block));
  const folder = join(await aFolder(), 'archive');

  expect(await archivableMonths(database())).toEqual(['2026-01', '2026-02']);
  // Twice: the second takes the place of the first.
  for (const month of ['2026-01', '2026-02', '2026-02'])
    await archiveToFolder(engine().sqlUrl(), folder, await piecesOf(database(), month));

  expect(await readdir(folder)).toEqual(['interactions-2026-01.parquet', 'interactions-2026-02.parquet']);
  const bytes = await readFile(join(folder, 'interactions-2026-01.parquet'));
  const [read] = await database().query<{ rows: string; columns: string }>(
    `SELECT toString(count()) AS rows, toString(countIf(type = 'click' AND user_key = 17)) AS columns
     FROM format(Parquet, unhex('${bytes.toString('hex')}'))`,
  );
  expect(read).toEqual({ rows: '2', columns: '2' });
  expect(bytes.includes('secret.example') || bytes.includes('anna')).toBe(false);
  await expect(piecesOf(database(), "2026-01' OR 1")).rejects.toThrow('written like 2026-01');
});

test('a month with more rows than an answer may have becomes several files, and each row is in one of them', async () => {
  // More than the 256 MB that the SQL port answers at once, in few rows.
  await database().command(
    `INSERT INTO turnout.interactions (site_id, id, id_day, type, ts, user_key, page_path)
     SELECT 'large', generateUUIDv4(), toDate('2026-03-01') + number % 3, 'click', toDateTime64('2026-03-01 12:00:00', 3, 'UTC') + INTERVAL number % 3 DAY,
       number % 1000, repeat('x', 2000) FROM numbers(150000)`,
  );
  const folder = join(await aFolder(), 'archive');
  const whole = archiveToFolder(engine().sqlUrl(), folder, [wholeMonth('2026-03')]);
  await expect(whole).rejects.toThrow('Limit for result exceeded');
  // As an earlier time may have left it, when the month was smaller.
  await writeFile(join(folder, 'interactions-2026-03.parquet'), 'old');
  // And one that was cut off.
  await writeFile(join(folder, 'interactions-2026-03.part-0099.parquet.tmp'), 'half');

  const paths = await archiveToFolder(engine().sqlUrl(), folder, await piecesOf(database(), '2026-03'));

  expect(paths.length).toBeGreaterThan(2);
  expect(await readdir(folder)).toEqual(paths.map((path) => basename(path)).sort());
}, 120_000);

test('each row of a month is in one of its files, also where a day is cut', async () => {
  await database().command(
    `INSERT INTO turnout.interactions (site_id, id, id_day, type, ts, user_key)
     SELECT 'small', toUUID(concat('00000000-0000-7000-8000-', leftPad(toString(number), 12, '0'))), toDate('2026-04-01') + toUInt8(sqrt(number)), 'click',
       toDateTime64('2026-04-01 12:00:00', 3, 'UTC') + INTERVAL toUInt8(sqrt(number)) DAY, number FROM numbers(40)`,
  );
  const folder = join(await aFolder(), 'archive');

  const pieces = await piecesOf(database(), '2026-04', 5);
  const paths = await archiveToFolder(engine().sqlUrl(), folder, pieces);

  const keys: number[] = [];
  for (const path of paths) {
    const bytes = (await readFile(path)).toString('hex');
    const rows = await database().query<{ key: string }>(
      `SELECT toString(user_key) AS key FROM format(Parquet, unhex('${bytes}'))`,
    );
    keys.push(...rows.map(({ key }) => Number(key)));
  }
  // Days of 1, 3, 5, 7, 9, 11 and 4 rows: the first two together, and the larger ones in shares.
  expect(paths).toHaveLength(1 + 1 + 2 + 2 + 3 + 1);
  expect(keys.sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, key) => key));
});

test('the engine can read the statement that writes to a bucket', async () => {
  const bucket = { url: 'https://s3.example.com/bucket/it', accessKeyId: 'id', secretAccessKey: "it's" };

  const statement = bucketStatement(bucket, wholeMonth('2026-01'));

  expect(statement).toContain(
    "s3('https://s3.example.com/bucket/it/interactions-2026-01.parquet', 'id', 'it\\'s', 'Parquet')",
  );
  await expect(database().command(`EXPLAIN AST ${statement}`)).resolves.toBeUndefined();
  await expect(
    database().command(
      `EXPLAIN AST ${bucketStatement({ ...bucket, sessionToken: 'lent' }, wholeMonth('2026-01'))}`,
    ),
  ).resolves.toBeUndefined();
});

test('a bucket that is not there is said with its month and address, and without its keys', async () => {
  const closed = createServer();
  const port = await new Promise<number>((resolve) =>
    closed.listen(0, '127.0.0.1', () => resolve((closed.address() as AddressInfo).port)),
  );
  await new Promise((resolve) => closed.close(resolve));
  const bucket = {
    url: `http://127.0.0.1:${port}/bucket`,
    ...{ accessKeyId: 'id', secretAccessKey: "it's 7f3c9e0a", sessionToken: 'lent 5d1e' },
  };

  const failed = await archiveToBucket(database(), bucket, wholeMonth('2026-01')).catch(
    (error: Error) => error,
  );

  expect(String(failed)).toMatch(
    /^Error: interactions-2026-01\.parquet could not be written to http:\/\/127\.0\.0\.1:\d+\/bucket: /,
  );
  expect(inspect(failed, { depth: 9 })).not.toMatch(/7f3c9e0a|5d1e/);
  // A database may repeat the whole statement.
  const repeating = {
    command: (sql: string) => Promise.reject(new Error(`Code: 62. Syntax error: ${sql}`)),
  };
  const repeated = await archiveToBucket(repeating, bucket, wholeMonth('2026-01')).catch(
    (error: Error) => error,
  );
  expect(String(repeated)).toContain("'id', '[key]', '[key]', 'Parquet'");
}, 60_000);
