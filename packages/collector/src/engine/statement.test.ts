import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Session } from 'chdb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { runStatement } from './statement.ts';

let root: string;
let session: Session;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'turnout-statement-'));
  session = new Session(join(root, 'engine'));
  session.query(
    "CREATE TABLE visits (who String, at Nullable(UInt8), page String DEFAULT '/') ENGINE = MergeTree ORDER BY who",
  );
});
beforeEach(() => void session.query('TRUNCATE TABLE visits'));
afterAll(async () => {
  session.close();
  await rm(root, { recursive: true });
});

const JSON_ROWS = '{"who":"Zoë\\n","at":3}\n{"who":"東京"}\n';

function insert(sql: string, rows: string, scratch = root) {
  return runStatement(session, {
    sql,
    data: Buffer.from(rows),
    format: 'TabSeparated',
    settings: {},
    scratch,
  });
}

async function stored(): Promise<string> {
  const { bytes } = await runStatement(session, {
    sql: 'SELECT who, at, page FROM visits ORDER BY who',
    data: undefined,
    format: 'JSONCompactEachRow',
    settings: {},
    scratch: root,
  });
  return String(Buffer.from(bytes));
}

const EXPECTED = '["Zoë\\n", 3, "\\/"]\n["東京", null, "\\/"]\n';

test('inserts rows, says how many, and leaves no file behind', async () => {
  const answer = await insert('INSERT INTO visits FORMAT JSONEachRow', JSON_ROWS);

  expect(answer.writtenRows).toBe(2);
  expect(await stored()).toBe(EXPECTED);
  expect(await readdir(root)).toEqual(['engine']);
});

test('inserts rows from a folder whose name looks like a pattern', async () => {
  const scratch = join(root, "a {1,2} * ? 'b'");
  await mkdir(scratch);

  await insert('INSERT INTO visits FORMAT JSONEachRow', JSON_ROWS, scratch);

  await rm(scratch, { recursive: true });
  expect(await stored()).toBe(EXPECTED);
});

test('inserts rows where no file can be made', async () => {
  await insert('INSERT INTO visits FORMAT JSONEachRow', JSON_ROWS, join(root, 'nowhere'));
  await insert(
    'INSERT INTO visits (who) SETTINGS max_insert_threads = 1 FORMAT CSV',
    '"x"\n',
    join(root, 'nowhere'),
  );

  expect(await stored()).toBe(`${EXPECTED.split('\n')[0]}\n["x", null, "\\/"]\n${EXPECTED.split('\n')[1]}\n`);
});

test('takes columns, settings and other formats', async () => {
  await insert(
    "INSERT INTO visits (`who`, page) SETTINGS insert_deduplication_token = 'it''s', max_insert_threads = 1 FORMAT TabSeparated",
    'a\t/x\n',
  );
  await insert('INSERT INTO visits (who) FORMAT Values', "('b')");

  expect(await stored()).toBe('["a", null, "\\/x"]\n["b", null, "\\/"]\n');
});

test('inserts nothing of rows that cannot be read, and says where', async () => {
  const refused = insert('INSERT INTO visits FORMAT JSONEachRow', `${JSON_ROWS}{"who":"x","at":"y"}\n`);

  await expect(refused).rejects.toThrow(/Code: 27.*row 3/s);
  expect(await stored()).toBe('');
  expect(await readdir(root)).toEqual(['engine']);
});
