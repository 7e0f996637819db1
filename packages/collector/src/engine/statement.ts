import type { Session } from 'chdb';
import { literal, tokenize, withoutTrailer } from './sql.ts';
import { unnamedFile } from './unnamed-file.ts';

/** What one statement came to: raw bytes in the format asked for, and what it cost. */
export interface StatementAnswer {
  bytes: Uint8Array;
  readRows: number;
  readBytes: number;
  writtenRows: number;
  elapsedSeconds: number;
}

export interface Statement {
  sql: string;
  /** The rows behind an INSERT, as they came. */
  data: Buffer | undefined;
  /** The format where the statement names none. */
  format: string;
  settings: Record<string, string>;
  /** A folder with room for the rows while they are read. */
  scratch: string;
}

interface Insert {
  table: string;
  columns?: string;
  settings?: string;
  format: string;
}

const INSERT_DATA =
  /^\s*INSERT\s+INTO\s+(?:TABLE\s+)?(?<table>[\w.]+)\s*(?:\((?<columns>[^()]*)\))?\s*(?:SETTINGS\s+(?<settings>.+?)\s+)?FORMAT\s+(?<format>\w+)\s*$/is;
/** What the engine's binding takes as bytes; other formats travel as part of the statement. */
const BYTE_FORMATS = [
  'JSONEachRow',
  'JSONCompactEachRow',
  'CSV',
  'CSVWithNames',
  'TabSeparated',
  'TSV',
] as const;

/**
 * Runs one statement on one session.
 *
 * Settings go into the statement: given to the session they would stay there and change later
 * statements (a token left behind makes the next insert vanish).
 */
export async function runStatement(session: Session, statement: Statement): Promise<StatementAnswer> {
  const insert = INSERT_DATA.exec(statement.sql)?.groups as Insert | undefined;
  if (insert && statement.data) {
    // Twice as quick as bytes. Where there is no room for a file, bytes need none.
    const file = await unnamedFile(statement.scratch, statement.data).catch(() => undefined);
    if (file) return insertFile(session, insert, file.path, statement).finally(() => file.close());
    const format = BYTE_FORMATS.find((name) => name === insert.format);
    if (format) return insertBytes(session, { ...insert, format }, statement.data, statement);
  }

  const settings = Object.entries(statement.settings).map(([name, value]) => `${name} = ${literal(value)}`);
  const text = statement.data
    ? `${statement.sql}\n${statement.data.toString('utf8')}`
    : withoutTrailer(statement.sql);
  const withSettings =
    settings.length > 0 && !statement.data ? `${text}\nSETTINGS ${settings.join(', ')}` : text;
  const result = await session.queryAsync(withSettings, { format: statement.format });
  return {
    bytes: result.bytes(),
    readRows: result.rowsRead,
    readBytes: result.bytesRead,
    writtenRows: 0,
    elapsedSeconds: result.elapsed,
  };
}

async function insertFile(
  session: Session,
  { table, columns, settings = '', format }: Insert,
  path: string,
  statement: Statement,
): Promise<StatementAnswer> {
  const all = Object.entries({ ...statement.settings, ...parseSettings(settings) });
  const result = await session.queryAsync(
    `INSERT INTO ${table} ${columns === undefined ? '' : `(${columns})`} FROM INFILE ${literal(path)}
     ${all.length > 0 ? `SETTINGS ${all.map(([name, value]) => `${name} = ${literal(value)}`).join(', ')}` : ''} FORMAT ${format}`,
  );
  return written(result.rowsRead, result.elapsed);
}

async function insertBytes(
  session: Session,
  { table, columns, settings = '', format }: Insert & { format: (typeof BYTE_FORMATS)[number] },
  values: Buffer,
  statement: Statement,
): Promise<StatementAnswer> {
  const names = columns?.split(',').map((name) => name.trim().replaceAll('`', ''));
  const result = await session.insert({
    table,
    ...(names?.length ? { columns: names } : {}),
    format,
    values,
    settings: { ...statement.settings, ...parseSettings(settings) },
  });
  return written(result.rowsWritten, result.elapsed);
}

function written(rows: number, elapsedSeconds: number): StatementAnswer {
  return { bytes: new Uint8Array(), readRows: 0, readBytes: 0, writtenRows: rows, elapsedSeconds };
}

/** `a = 1, b = 'x'` as a record. Values stay text: a token made of digits is still a token. */
function parseSettings(text: string): Record<string, string> {
  const settings: Record<string, string> = {};
  const tokens = tokenize(text);
  for (const [index, token] of tokens.entries()) {
    const name = tokens[index - 1];
    const value = tokens[index + 1];
    if (token.text !== '=' || !name || !value) continue;
    settings[name.text] = value.kind === 'string' ? value.text.slice(1, -1) : value.text;
  }
  return settings;
}
