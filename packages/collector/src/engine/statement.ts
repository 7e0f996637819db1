import type { Session } from 'chdb';
import { literal, tokenize, withoutTrailer } from './sql.ts';

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
}

const INSERT_DATA =
  /^\s*INSERT\s+INTO\s+(?:TABLE\s+)?(?<table>[\w.]+)\s*(?:\((?<columns>[^()]*)\))?\s*(?:SETTINGS\s+(?<settings>.+?)\s+)?FORMAT\s+(?<format>\w+)\s*$/is;
// What the engine's binding takes as bytes; other formats travel as part of the statement.
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
  const insert = INSERT_DATA.exec(statement.sql)?.groups;
  const format = BYTE_FORMATS.find((name) => name === insert?.format);
  if (insert?.table && format && statement.data) {
    return insertBytes(session, insert as { table: string }, format, statement);
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

async function insertBytes(
  session: Session,
  insert: { table: string; columns?: string; settings?: string },
  format: (typeof BYTE_FORMATS)[number],
  statement: Statement,
): Promise<StatementAnswer> {
  const columns = insert.columns?.split(',').map((name) => name.trim().replaceAll('`', ''));
  const result = await session.insert({
    table: insert.table,
    ...(columns?.length ? { columns } : {}),
    format,
    values: statement.data ?? Buffer.alloc(0),
    settings: { ...statement.settings, ...parseSettings(insert.settings ?? '') },
  });
  return {
    bytes: new Uint8Array(),
    readRows: 0,
    readBytes: 0,
    writtenRows: result.rowsWritten,
    elapsedSeconds: result.elapsed,
  };
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
