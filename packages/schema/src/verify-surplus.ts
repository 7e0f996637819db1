/**
 * Finds and takes out what raw counts beside what it stands for.
 *
 * Before a row is stored its order and its key are looked up. Two collectors that store in the same seconds both look
 * before the other has stored, so both store: one order as two tellers divided it, two records of a back end under one key,
 * one id of two people or days. Ids alone do not show that, except the last, and no merge heals it.
 */
import { rowsOf, settleReplicas } from './cluster-rows.ts';
import type { Database } from './database.ts';

/** A row that should not count, and why. */
export interface Surplus {
  site_id: string;
  id: string;
  /** What is there twice: the order, the record under a key, or the id. */
  of: 'order' | 'key' | 'id';
  /** The number of the order, the key as it is stored, or the id. */
  name: string;
}

interface SurplusRow extends Surplus {
  /** With the id, all that tells it from the row that stays. */
  id_day: string;
  type: string;
  user_key: string;
  sdk: string;
}

/** What is left out is kept among the rejected for as long: what is older is left alone. */
const LOOK_BACK_DAYS = 30;
/** A statement is 256 KiB at most. */
const ROWS_A_STATEMENT = 500;
/** A second repair takes the rest. */
const MOST = 50_000;

const RECENT = `received_at >= now() - INTERVAL ${LOOK_BACK_DAYS} DAY`;
const ROW = `toString(id_day) AS day, toString(type) AS kind, toString(user_key) AS person, toString(id) AS row_id, sdk AS sender`;

/** Lines of orders that another one told of first, and rows of records under a key that stood for another one before. */
export async function findSurplus(database: Database): Promise<SurplusRow[]> {
  return [...(await findRetold(database)), ...(await findReusedKeys(database))];
}

/** Has to agree with what the collector leaves out: `order-report.ts`. */
async function findRetold(database: Database): Promise<SurplusRow[]> {
  const rows = await database.query<Row & { ordered: string }>(
    `SELECT site, kind, ordered, line.2 AS day, line.3 AS person, line.4 AS row_id, line.5 AS sender FROM (
       SELECT site, kind, ordered, argMin(teller, (came, teller)) AS first,
         groupArray((teller, day, person, row_id, sender)) AS lines
       FROM (
         SELECT site_id AS site, order_id AS ordered, received_at AS came, ${ROW},
           replaceRegexpOne(sdk, '/[^/]*$', '') AS teller, ifNull(toString(props.line), '') AS line,
           if(kind = 'refund' AND position(line, '/') > 0, splitByChar('/', line)[-1], '') AS refund,
           if(env = 'production' AND is_bot = 0, '', concat(env, ' ', toString(is_bot))) AS apart
         FROM turnout.interactions WHERE type IN ('purchase', 'refund') AND order_id != '' AND ${RECENT}
       ) GROUP BY site, kind, ordered, refund, apart HAVING uniqExact(teller) > 1
     ) ARRAY JOIN arrayFilter(one -> one.1 != first, lines) AS line LIMIT ${MOST}`,
  );
  return rows.map((row) => asSurplus(row, 'order', row.ordered));
}

async function findReusedKeys(database: Database): Promise<SurplusRow[]> {
  const keys = await database.query<{ site: string; name: string; later: string[] }>(
    `SELECT site_id AS site, toString(record_key) AS name,
       arrayMap(one -> toString(one), arrayFlatten(arrayMap(one -> one.3, arrayPopFront(arraySort(groupArray((at, content, made))))))) AS later
     FROM (
       SELECT site_id, record_key, content, min(used_at) AS at, groupUniqArrayArray(ids) AS made
       FROM turnout.record_keys WHERE used_at >= now() - INTERVAL ${LOOK_BACK_DAYS} DAY GROUP BY site_id, record_key, content
     ) GROUP BY site_id, record_key HAVING count() > 1 LIMIT ${MOST}`,
  );
  const surplus: SurplusRow[] = [];
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
      `SELECT site_id AS site, ${ROW} FROM turnout.interactions
       WHERE sdk = 'ingest' AND ${RECENT} AND (site_id, id) IN (${listed})`,
    );
    for (const row of rows) {
      const key = part.find(({ site, id }) => site === row.site && id === row.row_id);
      if (!stays.has(`${row.site}/${row.row_id}`)) surplus.push(asSurplus(row, 'key', String(key?.name)));
    }
  }
  return surplus;
}

/** Of ids that raw holds in rows that no merge makes one, all rows but the first. */
export async function findOtherCopies(
  database: Database,
  duplicates: readonly { site_id: string; id: string }[],
): Promise<SurplusRow[]> {
  const surplus: SurplusRow[] = [];
  for (const part of parts(duplicates)) {
    const listed = part.map(({ site_id, id }) => `(${quoted(site_id)}, '${id}')`).join(', ');
    const rows = await database.query<Row>(
      `SELECT site_id AS site, ${ROW} FROM turnout.interactions
       WHERE ${RECENT} AND (site_id, id) IN (${listed}) ORDER BY received_at, user_key, id_day`,
    );
    const first = new Map<string, Row>();
    for (const row of rows) {
      const name = `${row.site}/${row.row_id}`;
      const stays = first.get(name);
      if (!stays) first.set(name, row);
      else if (tupleOf(asSurplus(stays, 'id', '')) !== tupleOf(asSurplus(row, 'id', '')))
        surplus.push(asSurplus(row, 'id', row.row_id));
    }
  }
  return surplus;
}

/** Keeps these rows among the rejected and takes them out of raw; rollups that counted them then differ. */
export async function takeOut(database: Database, rows: readonly SurplusRow[]): Promise<void> {
  for (const site of new Set(rows.map(({ site_id }) => site_id))) {
    for (const part of parts(rows.filter(({ site_id }) => site_id === site))) {
      const condition = `site_id = ${quoted(site)} AND (id_day, toString(type), user_key, id, sdk) IN (${part.map(tupleOf).join(', ')})`;
      await database.command(
        `INSERT INTO turnout.rejected_interactions (site_id, received_at, received_day, batch_id, index, id, code, message, text, user_key)
         SELECT site_id, now64(3) AS now, toDate(now), toString(batch_id), toUInt32(200000 + cityHash64(id, sdk, user_key) % 4000000000), toString(id), 'conflict',
           'Two collectors stored this and something else of the same order, key or id in the same moment. What came first counts; verification took this one out.',
           substring(formatRowNoNewline('JSONEachRow', *), 1, 4000), user_key
         FROM turnout.interactions WHERE ${condition}
         SETTINGS insert_deduplicate = 0, async_insert = 0, distributed_foreground_insert = 1`,
      );
      await settleReplicas(database, ['interactions']);
      await database.command(
        `ALTER TABLE ${rowsOf(database, 'interactions')} DELETE WHERE ${condition} SETTINGS mutations_sync = 2`,
      );
    }
  }
}

interface Row {
  site: string;
  day: string;
  kind: string;
  person: string;
  row_id: string;
  sender: string;
}

const asSurplus = ({ site, day, kind, person, row_id, sender }: Row, of: Surplus['of'], name: string) => ({
  ...{ site_id: site, id: row_id, of, name },
  ...{ id_day: day, type: kind, user_key: person, sdk: sender },
});

const tupleOf = ({ id_day, type, user_key, id, sdk }: SurplusRow) =>
  `('${id_day}', ${quoted(type)}, ${user_key}, '${id}', ${quoted(sdk)})`;

function* parts<Item>(items: readonly Item[]): Iterable<readonly Item[]> {
  for (let at = 0; at < items.length; at += ROWS_A_STATEMENT) yield items.slice(at, at + ROWS_A_STATEMENT);
}

const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
