import type { Argument, Column, View } from './view.ts';

interface Described {
  name: string;
  comment: string;
  text: string;
  arguments: string[];
}

const DESCRIBED = `SELECT name, comment, create_table_query AS text,
   arraySort(arrayDistinct(extractAll(as_select, '[{](\\\\w+:[^}]+)[}]'))) AS arguments
 FROM system.tables WHERE database = 'turnout' AND engine = 'View' ORDER BY name`;

/**
 * Every view of the database that tells sites apart, as it describes itself. A view without `site_id` is none that can be
 * asked: nothing would keep one site's rows from another's.
 */
export async function readViews(query: (sql: string) => Promise<unknown[]>): Promise<View[]> {
  const described = (await query(DESCRIBED)) as Described[];
  return described
    .map(
      ({ name, comment, text, arguments: given }): View => ({
        name,
        comment,
        columns: columnsIn(text),
        arguments: given.map(argumentIn),
      }),
    )
    .filter(({ name, columns }) => /^\w+$/.test(name) && columns.some((column) => column.name === 'site_id'));
}

/** One column of the list behind `CREATE VIEW`: its type, whose brackets are three deep at most, and its comment if it has one. */
const COLUMN =
  /[(,]\s*`(\w+)` (\w+(?:\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))?)(?: COMMENT '((?:[^'\\]|\\.|'')*)')?/y;

/** The engine lists no columns of a view that takes arguments: they stand in the text that made it, for all views alike. */
function columnsIn(text: string): Column[] {
  const columns: Column[] = [];
  COLUMN.lastIndex = text.indexOf('(');
  for (let found = COLUMN.exec(text); found; found = COLUMN.exec(text)) {
    const [, name = '', type = '', comment = ''] = found;
    columns.push({ name, type, comment: comment.replace(/\\(.)|'(')/g, '$1$2') });
  }
  return columns;
}

function argumentIn(text: string): Argument {
  const colon = text.indexOf(':');
  return { name: text.slice(0, colon), type: text.slice(colon + 1).trim() };
}
