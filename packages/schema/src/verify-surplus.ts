/**
 * Finds what raw counts beside what it stands for.
 *
 * Before a row is stored its order and its key are looked up. Two collectors that store in the same seconds both look
 * before the other has stored, so both store: one order as two tellers divided it, or two records of a back end under one
 * key. Ids do not show that. It is named, and never deleted: of one line that both told, a merge keeps either, so what
 * looks like the second one may be all that is left.
 */
import type { Database } from './database.ts';
import { quoted } from './quoted.ts';

/** A row that should not count, and why. */
export interface Surplus {
  site_id: string;
  id: string;
  /** What is there twice: the order, or the record under a key. */
  of: 'order' | 'key';
  /** The number of the order, or the key as it is stored. */
  name: string;
}

/** What came earlier has been seen by a verification before. */
const LOOK_BACK_DAYS = 30;
/** A statement is 256 KiB at most. */
const ROWS_A_STATEMENT = 500;
/** As far as the collector looks for an order: numbers of orders may begin anew each year. */
const ORDER_DAYS = 15;
/** More would be no race, and no list that anybody reads. */
const MOST = 50_000;

const RECENT = `received_at >= now() - INTERVAL ${LOOK_BACK_DAYS} DAY`;
const ORDERS = `type IN ('purchase', 'refund') AND order_id != '' AND ${RECENT}`;

/** Lines of orders that another one told of first, and rows of records under a key that stood for another one before. */
export async function findSurplus(database: Database): Promise<Surplus[]> {
  return [...(await findRetold(database)), ...(await findReusedKeys(database))];
}

/** Has to agree with what the collector leaves out: `order-report.ts`. */
async function findRetold(database: Database): Promise<Surplus[]> {
  const rows = await database.query<Row & { ordered: string }>(
    `SELECT site, ordered, line.3 AS row_id FROM (
       SELECT site, kind, ordered, argMin((teller, record, id_day), (came, teller, record)) AS first,
         groupArray((teller, record, toString(id), id_day)) AS lines
       FROM (
         SELECT site_id AS site, order_id AS ordered, toString(type) AS kind, received_at AS came, id, id_day,
           replaceRegexpOne(sdk, '/[^/]*$', '') AS teller, ifNull(toString(props.line), '') AS line,
           if(kind = 'refund' AND position(line, '/') > 0, splitByChar('/', line)[-1], '') AS refund,
           -- Who tells of the order as a whole; rows of earlier versions do not say in which record they came.
           if(kind = 'purchase' AND match(sdk, '^(ingest|segment)\\\\b'), ifNull(toString(props.order_record), ''), '') AS record,
           if(env = 'production' AND is_bot = 0, '', concat(env, ' ', toString(is_bot))) AS apart
         FROM turnout.interactions WHERE ${ORDERS} AND (site_id, order_id) IN (
           SELECT site_id, order_id FROM turnout.interactions WHERE ${ORDERS} GROUP BY site_id, order_id
           HAVING uniqExact(sdk, ifNull(toString(props.order_record), '')) > 1
         )
       ) GROUP BY site, kind, ordered, refund, apart HAVING uniqExact((teller, record)) > 1
     ) ARRAY JOIN arrayFilter(
       one -> abs(dateDiff('day', one.4, first.3)) <= ${ORDER_DAYS}
         AND (one.1 != first.1 OR (one.2 != first.2 AND NOT arrayExists(other -> other.1 = first.1 AND other.2 = '', lines))), lines
     ) AS line LIMIT ${MOST}`,
  );
  return rows.map(({ site, row_id, ordered }) => ({ site_id: site, id: row_id, of: 'order', name: ordered }));
}

async function findReusedKeys(database: Database): Promise<Surplus[]> {
  const keys = await database.query<{ site: string; name: string; later: string[] }>(
    `SELECT site_id AS site, toString(record_key) AS name,
       arrayMap(one -> toString(one), arrayFlatten(arrayMap(one -> one.3, arrayPopFront(arraySort(groupArray((at, content, made))))))) AS later
     FROM (
       SELECT site_id, record_key, content, min(used_at) AS at, groupUniqArrayArray(ids) AS made
       FROM turnout.record_keys WHERE used_at >= now() - INTERVAL ${LOOK_BACK_DAYS} DAY GROUP BY site_id, record_key, content
     ) GROUP BY site_id, record_key HAVING count() > 1 LIMIT ${MOST}`,
  );
  const surplus: Surplus[] = [];
  for (const part of parts(
    keys.flatMap(({ site, name, later }) => later.map((id) => ({ site, name, id }))),
  )) {
    const listed = part.map(({ site, id }) => `(${quoted(site)}, '${id}')`).join(', ');
    // What the first record of this or of another key became stays.
    const owned = await database.query<{ site: string; row_id: string }>(
      `SELECT DISTINCT site_id AS site, toString(one) AS row_id FROM (
         SELECT site_id, argMin(ids, (used_at, content)) AS won FROM turnout.record_keys GROUP BY site_id, record_key
       ) ARRAY JOIN won AS one WHERE (site_id, one) IN (${listed})`,
    );
    const stays = new Set(owned.map(({ site, row_id }) => `${site}/${row_id}`));
    const rows = await database.query<Row>(
      // What came by another door stays, too.
      `SELECT site_id AS site, toString(id) AS row_id FROM turnout.interactions
       WHERE sdk = 'ingest' AND ${RECENT} AND (site_id, id) IN (${listed})`,
    );
    for (const row of rows) {
      const key = part.find(({ site, id }) => site === row.site && id === row.row_id);
      if (!stays.has(`${row.site}/${row.row_id}`))
        surplus.push({ site_id: row.site, id: row.row_id, of: 'key', name: String(key?.name) });
    }
  }
  return surplus;
}

interface Row {
  site: string;
  row_id: string;
}

function* parts<Item>(items: readonly Item[]): Iterable<readonly Item[]> {
  for (let at = 0; at < items.length; at += ROWS_A_STATEMENT) yield items.slice(at, at + ROWS_A_STATEMENT);
}
