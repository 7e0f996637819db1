import { readdir, readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { archivableMonths, archiveToBucket, archiveToFolder, bucketStatement } from './archive.ts';
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
    await archiveToFolder(engine().sqlUrl(), folder, month);

  expect(await readdir(folder)).toEqual(['interactions-2026-01.parquet', 'interactions-2026-02.parquet']);
  const bytes = await readFile(join(folder, 'interactions-2026-01.parquet'));
  const [read] = await database().query<{ rows: string; columns: string }>(
    `SELECT toString(count()) AS rows, toString(countIf(type = 'click' AND user_key = 17)) AS columns
     FROM format(Parquet, unhex('${bytes.toString('hex')}'))`,
  );
  expect(read).toEqual({ rows: '2', columns: '2' });
  expect(bytes.includes('secret.example') || bytes.includes('anna')).toBe(false);
  await expect(archiveToFolder(engine().sqlUrl(), folder, "2026-01' OR 1")).rejects.toThrow(
    'written like 2026-01',
  );
});

test('the engine can read the statement that writes to a bucket', async () => {
  const bucket = { url: 'https://s3.example.com/bucket/it', accessKeyId: 'id', secretAccessKey: "it's" };

  const statement = bucketStatement(bucket, '2026-01');

  expect(statement).toContain(
    "s3('https://s3.example.com/bucket/it/interactions-2026-01.parquet', 'id', 'it\\'s', 'Parquet')",
  );
  await expect(database().command(`EXPLAIN AST ${statement}`)).resolves.toBeUndefined();
  await expect(
    database().command(`EXPLAIN AST ${bucketStatement({ ...bucket, sessionToken: 'lent' }, '2026-01')}`),
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

  const failed = await archiveToBucket(database(), bucket, '2026-01').catch((error: Error) => error);

  expect(String(failed)).toMatch(
    /^Error: 2026-01 could not be written to http:\/\/127\.0\.0\.1:\d+\/bucket: /,
  );
  expect(inspect(failed, { depth: 9 })).not.toMatch(/7f3c9e0a|5d1e/);
  // A database may repeat the whole statement.
  const repeating = {
    command: (sql: string) => Promise.reject(new Error(`Code: 62. Syntax error: ${sql}`)),
  };
  const repeated = await archiveToBucket(repeating, bucket, '2026-01').catch((error: Error) => error);
  expect(String(repeated)).toContain("'id', '[key]', '[key]', 'Parquet'");
}, 60_000);
