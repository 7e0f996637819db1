import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { basename, join } from 'node:path';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { archiveMonth, archiveToFolder } from './archive.ts';
import { archiveToBucket, bucketStatement } from './archive-bucket.ts';
import { monthsOf, requireClosed } from './archive-months.ts';
import { piecesOf, wholeMonth } from './archive-pieces.ts';
import { parquetRows } from './parquet-rows.ts';
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

const unchanged = async () => true;

/** The rows of a file, by the engine that is asked. */
async function rowsOf<Row>(path: string, columns: string): Promise<Row[]> {
  const bytes = (await readFile(path)).toString('hex');
  return database().query<Row>(`SELECT ${columns} FROM format(Parquet, unhex('${bytes}'))`);
}

/** One row of each of some days, stored as one block. */
async function storeDays(site_id: string, days: string[]): Promise<void> {
  const batch = randomUUID();
  const rows = days.map((day) => ({
    ...aRow({ site_id, ts: `${day} 12:00:00.000`, id_day: day, local_date: day }),
    ...{ id: randomUUID(), batch },
  }));
  const block = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  await database().insertBlock('turnout.interactions', batch, Buffer.from(block));
}

test('each month that is closed becomes one file, without what identifies a person', async () => {
  const batch = '019b7706-0000-4000-8000-000000000001';
  const hers = aRow({
    ...inMonth('2026-01'),
    ...{ type: 'ticket_click', user_id: 'anna', visitor_id: 'her browser', session_id: 'her visit' },
    ...{ page_url: 'https://secret.example/', props: { note: 'her note', click_id: 'k1' } },
  });
  const rows = [hers, aRow({ ...inMonth('2026-01') }), aRow({ ...inMonth('2026-02') }), aRow()];
  // One comes twice, as after a window of tokens has passed: it happened once.
  for (const [token, part] of [[batch, rows] as const, [randomUUID(), [hers]] as const]) {
    const block = part.map((row) => `${JSON.stringify({ ...row, batch: token })}\n`).join('');
    await database().insertBlock('turnout.interactions', token, Buffer.from(block));
  }
  const folder = join(await aFolder(), 'archive');

  expect((await monthsOf(database(), Date.parse('2026-05-20T12:00:00Z'))).closed).toEqual([
    '2026-01',
    '2026-02',
  ]);
  // Twice: the second takes the place of the first.
  for (const month of ['2026-01', '2026-02', '2026-02'])
    await archiveMonth(database(), engine().sqlUrl(), folder, month);

  expect(await readdir(folder)).toEqual(['interactions-2026-01.parquet', 'interactions-2026-02.parquet']);
  const path = join(folder, 'interactions-2026-01.parquet');
  expect(
    await rowsOf(path, `type, toString(user_key) AS key, click_id, toString(session_key != 0) AS visit`),
  ).toEqual([
    { type: 'click', key: '17', click_id: '', visit: '1' },
    { type: 'ticket_click', key: '17', click_id: 'k1', visit: '1' },
  ]);
  const bytes = await readFile(path);
  for (const said of ['secret.example', 'anna', 'her browser', 'her visit', 'her note', batch])
    expect(bytes.includes(said), said).toBe(false);
  const columns = await database().query<{ name: string }>(
    `DESCRIBE format(Parquet, unhex('${bytes.toString('hex')}'))`,
  );
  expect(columns.map(({ name }) => name)).not.toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^(user_id|visitor_id|session_id|page_url|props|batch.*)$/),
    ]),
  );
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
  const whole = archiveToFolder(engine().sqlUrl(), folder, [wholeMonth('2026-03')], unchanged);
  await expect(whole).rejects.toThrow('Limit for result exceeded');
  // As an earlier time may have left it, when the month was smaller.
  await writeFile(join(folder, 'interactions-2026-03.parquet'), 'old');
  // And one that was cut off.
  await writeFile(join(folder, 'interactions-2026-03.part-0099.parquet.tmp'), 'half');

  const paths = await archiveMonth(database(), engine().sqlUrl(), folder, '2026-03');

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
  const paths = (await archiveToFolder(engine().sqlUrl(), folder, pieces, unchanged)) ?? [];

  const keys: number[] = [];
  for (const path of paths) {
    const rows = await rowsOf<{ key: string }>(path, 'toString(user_key) AS key');
    keys.push(...rows.map(({ key }) => Number(key)));
  }
  // Days of 1, 3, 5, 7, 9, 11 and 4 rows: the first two together, and the larger ones in shares.
  expect(paths).toHaveLength(1 + 1 + 2 + 2 + 3 + 1);
  expect(keys.sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, key) => key));
});

test('a row that comes while a month is written is in the archive, also on a day that had none', async () => {
  await storeDays('busy', ['2025-06-03', '2025-06-03', '2025-06-20']);
  const folder = join(await aFolder(), 'archive');

  // Cut, and then rows before the first day, between two files, and after the last.
  const pieces = await piecesOf(database(), '2025-06', 2);
  await storeDays('busy', ['2025-06-01', '2025-06-11', '2025-06-30']);
  const paths = (await archiveToFolder(engine().sqlUrl(), folder, pieces, unchanged)) ?? [];

  const days: string[] = [];
  for (const path of paths)
    days.push(...(await rowsOf<{ day: string }>(path, 'toString(id_day) AS day')).map(({ day }) => day));
  expect(paths).toHaveLength(2);
  expect(days.sort().map((day) => Number(day.slice(8)))).toEqual([1, 3, 3, 11, 20, 30]);
});

test('a month that changes while it is written is written again, and one that does not rest stays as it was', async () => {
  await storeDays('restless', ['2025-07-03']);
  const folder = join(await aFolder(), 'archive');
  await mkdir(folder);
  await writeFile(join(folder, 'interactions-2025-07.part-0001.parquet'), 'of before');
  let inserts = 0;
  /** A row comes after the month was cut into files, so many times. */
  const interrupted = (times: number) => ({
    async query<Row>(sql: string, parameters?: Record<string, unknown>) {
      const rows = await database().query<Row>(sql, parameters);
      if (sql.includes('GROUP BY id_day') && inserts < times) {
        inserts += 1;
        await storeDays('restless', [`2025-07-1${inserts}`]);
      }
      return rows;
    },
  });

  const restless = archiveMonth(interrupted(3), engine().sqlUrl(), folder, '2025-07');
  await expect(restless).rejects.toThrow('2025-07 changed each time while it was written');
  expect(await readdir(folder)).toEqual(['interactions-2025-07.part-0001.parquet']);

  const [path = ''] = await archiveMonth(interrupted(4), engine().sqlUrl(), folder, '2025-07');
  expect(inserts).toBe(4);
  expect(await readdir(folder)).toEqual(['interactions-2025-07.parquet']);
  expect(await rowsOf(path, 'toString(count()) AS rows')).toEqual([{ rows: '5' }]);
});

test('a month is closed when no browser can bring interactions of it, and left alone once it expires', async () => {
  await storeDays('old', ['2025-08-01', '2025-08-31']);
  const at = async (time: string) => {
    const { closed, open, expiring } = await monthsOf(database(), Date.parse(time));
    if (closed.includes('2025-08')) return 'closed';
    if (expiring.includes('2025-08')) return 'expiring';
    return open.find(({ month }) => month === '2025-08')?.until ?? 'of now';
  };

  expect(await at('2025-08-31T23:59:59Z')).toBe('of now');
  expect(await at('2025-09-01T00:00:00Z')).toBe('2025-09-16');
  expect(await at('2025-09-15T23:59:59Z')).toBe('2025-09-16');
  expect(await at('2025-09-16T00:00:00Z')).toBe('closed');
  expect(await at('2027-08-30T12:00:00Z')).toBe('closed');
  // The first of August 2025 and 25 months, less a day: its first rows are about to go.
  expect(await at('2027-08-31T00:00:00Z')).toBe('expiring');
  expect(() => requireClosed('2025-08', Date.parse('2025-09-15T00:00:00Z'))).toThrow(
    '2025-08 cannot be archived yet: browsers that were offline may still bring interactions of it. Archive it from 2025-09-16 on.',
  );
  expect(() => requireClosed('2025-08', Date.parse('2025-09-16T00:00:00Z'))).not.toThrow();
  expect(() => requireClosed('2025-8')).toThrow('written like 2026-01');
});

test('an answer that breaks off is no archive, and the file of before stays', async () => {
  const broken = createHttpServer((_, response) => response.end(Buffer.from('PAR1, and half of the rows')));
  const port = await new Promise<number>((resolve) =>
    broken.listen(0, '127.0.0.1', () => resolve((broken.address() as AddressInfo).port)),
  );
  const folder = join(await aFolder(), 'archive');
  await mkdir(folder);
  await writeFile(join(folder, 'interactions-2026-01.parquet'), 'of before');

  const cutOff = archiveToFolder(`http://127.0.0.1:${port}/`, folder, [wholeMonth('2026-01')], unchanged);
  await expect(cutOff).rejects.toThrow('broke off in the middle');
  await new Promise((resolve) => broken.close(resolve));

  expect(await readdir(folder)).toEqual(['interactions-2026-01.parquet']);
  expect(await readFile(join(folder, 'interactions-2026-01.parquet'), 'utf8')).toBe('of before');
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

test('a month that lost rows does not take the place of its archive, unless that is asked for', async () => {
  await storeDays('shrinks', ['2025-05-03', '2025-05-04', '2025-05-20']);
  const folder = join(await aFolder(), 'archive');
  const write = (mayShrink: boolean) =>
    archiveMonth(database(), engine().sqlUrl(), folder, '2025-05', { mayShrink });
  const [path = ''] = await write(false);
  expect(await parquetRows(path)).toBe(3);
  await write(false);

  await database().command(
    "ALTER TABLE turnout.interactions DELETE WHERE id_day = '2025-05-20' SETTINGS mutations_sync = 2",
  );

  await expect(write(false)).rejects.toThrow('has 3 rows, and the tables have 2 now, so it stays as it was');
  expect(await readdir(folder)).toEqual([basename(path)]);
  expect(await parquetRows(path)).toBe(3);
  await write(true);
  expect(await parquetRows(path)).toBe(2);
});
