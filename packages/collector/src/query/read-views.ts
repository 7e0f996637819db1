import { columnsIn } from './columns-in.ts';
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
const COLUMNS = `SELECT table, name, type, comment FROM system.columns
 WHERE database = 'turnout' AND table IN (SELECT name FROM system.tables WHERE database = 'turnout' AND engine = 'View')
 ORDER BY table, position`;

/**
 * Every view of the database that tells sites apart, as it describes itself. A view without `site_id` is none that can be
 * asked: nothing would keep one site's rows from another's.
 *
 * @param onUnreadable - Told of each view that is left out because nobody can say what is in it.
 */
export async function readViews(
  query: (sql: string) => Promise<unknown[]>,
  onUnreadable: (view: string) => void,
): Promise<View[]> {
  const [described, columns] = (await Promise.all([query(DESCRIBED), query(COLUMNS)])) as [
    Described[],
    ({ table: string } & Column)[],
  ];
  return described
    .flatMap(({ name, comment, text, arguments: given }): View[] => {
      // The engine lists no columns of a view that takes arguments: they stand in the text that made it.
      const own =
        given.length > 0
          ? columnsIn(text)
          : columns.filter(({ table }) => table === name).map(({ table: _, ...column }) => column);
      if (own?.every((column) => CAN_BE_NAMED.test(column.name)))
        return [{ name, comment, columns: own, arguments: given.map(argumentIn) }];
      onUnreadable(name);
      return [];
    })
    .filter(({ name, columns }) => /^\w+$/.test(name) && columns.some((column) => column.name === 'site_id'));
}

/** Other names would need an escape, which the read-only port of the embedded engine refuses. */
const CAN_BE_NAMED = /^[^`\\]+$/;

function argumentIn(text: string): Argument {
  const colon = text.indexOf(':');
  return { name: text.slice(0, colon), type: text.slice(colon + 1).trim() };
}
