import type { Database } from '@turnout/schema/migrate';
import { chunks } from './chunks.ts';
import { utcDate } from './local-date.ts';
import type { Sought } from './sought.ts';

/**
 * Ids travel in the address of the request: this many make it 350 kB long, well below a server's limit of 1 MiB. Each
 * query has a price of its own: 1,000 cost the engine three times as much a row.
 */
export const IDS_A_QUERY = 5_000;
/** Page and ticketing back end may report one order on different days, each within the accepted window. */
export const ORDER_DAYS = 15;
/** Whatever sends messages without a time tries again for as long. */
const RETRY_DAYS = 2;
const DAY_MS = 86_400_000;

/**
 * Which of these rows are stored already, as `site/id`.
 *
 * Interactions are found by the table's key. Those that may come again as another person's are found without it, by day
 * and type. Orders are found by id alone, among rows of their type around their day: the page and the back end know the buyer
 * under different ids. So is what a back end names by a key of its own.
 */
export async function findStored(
  database: Pick<Database, 'query'>,
  rows: readonly Sought[],
  idsAQuery: number = IDS_A_QUERY,
): Promise<Set<string>> {
  const found = new Set<string>();
  for (const [site, ofSite] of groupBy(rows, (row) => row.site_id)) {
    const others = ofSite.filter(({ isOrder }) => !isOrder);
    const looks = [
      [queryByKey, others.filter(({ mayChangePerson }) => !mayChangePerson)],
      [queryByDay, others.filter(({ mayChangePerson }) => mayChangePerson)],
      [queryOrders, ofSite.filter(({ isOrder }) => isOrder)],
    ] as const;
    for (const [query, rowsOfKind] of looks)
      for (const part of chunks(rowsOfKind, idsAQuery))
        for (const id of await query(database, site, part)) found.add(`${site}/${id}`);
  }
  return found;
}

async function queryByKey(
  database: Pick<Database, 'query'>,
  site: string,
  rows: readonly Sought[],
): Promise<string[]> {
  // Numbers in an array are parsed unquoted; JavaScript's own would round.
  const users = unique(rows, (row) => row.user_key).map(BigInt);
  return queryByDay(database, site, rows, { condition: 'AND user_key IN {users:Array(UInt64)}', users });
}

async function queryByDay(
  database: Pick<Database, 'query'>,
  site: string,
  rows: readonly Sought[],
  { condition = '', ...more }: { condition?: string; users?: bigint[] } = {},
): Promise<string[]> {
  const found = await database.query<{ stored: string }>(
    // The alias is not "id": it would take the column's place in WHERE, and nothing would ever be found.
    `SELECT DISTINCT toString(id) AS stored FROM turnout.interactions
     WHERE site_id = {site:String} AND id_day IN {days:Array(Date)} AND type IN {types:Array(String)}
       ${condition} AND id IN {ids:Array(UUID)}`,
    {
      site,
      days: unique(rows.flatMap(daysOf), (day) => day),
      types: unique(rows, (row) => row.type),
      ids: unique(rows, (row) => row.id),
      ...more,
    },
  );
  return found.map(({ stored }) => stored);
}

/** The days on which an earlier attempt may have been stored. */
function daysOf({ id_day, isUntimed }: Sought): string[] {
  if (!isUntimed) return [id_day];
  const before = Array.from({ length: RETRY_DAYS }, (_, days) =>
    utcDate(Date.parse(id_day) - (days + 1) * DAY_MS),
  );
  return [id_day, ...before];
}

async function queryOrders(
  database: Pick<Database, 'query'>,
  site: string,
  rows: readonly Sought[],
): Promise<string[]> {
  const days = unique(rows, (row) => row.id_day).sort();
  const found = await database.query<{ stored: string }>(
    `SELECT DISTINCT toString(id) AS stored FROM turnout.interactions
     WHERE site_id = {site:String} AND type IN {types:Array(String)}
       AND id_day BETWEEN {from:Date} - ${ORDER_DAYS} AND {to:Date} + ${ORDER_DAYS} AND id IN {ids:Array(UUID)}`,
    {
      site,
      from: days[0],
      to: days.at(-1),
      types: unique(rows, (row) => row.type),
      ids: unique(rows, (row) => row.id),
    },
  );
  return found.map(({ stored }) => stored);
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

function unique<Item>(items: readonly Item[], textOf: (item: Item) => string): string[] {
  return [...new Set(items.map(textOf))];
}
