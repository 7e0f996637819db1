/** Everything stored about a person, as a zip of JSON files that a person can read. */
import type { Database } from '@turnout/schema/migrate';
import { strToU8, Zip, ZipDeflate } from 'fflate';

/** Who is exported. */
export interface ExportOrder {
  site_id: string;
  ids: readonly string[];
  user_keys: readonly string[];
}

const ROWS_A_PAGE = 10_000;

interface Source {
  name: string;
  comment: string;
  condition: string;
  order: string;
  /** Views compute on reading: all at once is cheaper than page after page. */
  isView: boolean;
}

/** Writes the zip piece by piece: a history may be longer than memory. */
export function exportPerson(
  database: Pick<Database, 'query'>,
  order: ExportOrder,
): ReadableStream<Uint8Array> {
  const pieces = zipped(database, order);
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await pieces.return();
    },
  });
}

async function* zipped(
  database: Pick<Database, 'query'>,
  order: ExportOrder,
): AsyncGenerator<Uint8Array, void, void> {
  let ready: Uint8Array[] = [];
  const zip = new Zip((error, piece) => {
    if (error) throw error;
    ready.push(piece);
  });
  const counts: { name: string; comment: string; rows: number }[] = [];
  for (const source of await sourcesOf(database)) {
    const file = new ZipDeflate(`${source.name}.json`, { level: 6 });
    zip.add(file);
    let rows = 0;
    file.push(strToU8('['));
    for await (const page of pagesOf(database, source, order)) {
      const text = page.map((row) => JSON.stringify(row)).join(',\n');
      file.push(strToU8(`${rows === 0 ? '\n' : ',\n'}${text}`));
      rows += page.length;
      yield* ready;
      ready = [];
    }
    file.push(strToU8('\n]\n'), true);
    counts.push({ name: source.name, comment: source.comment, rows });
  }
  const readme = new ZipDeflate('README.txt', { level: 6 });
  zip.add(readme);
  readme.push(strToU8(readmeOf(order, counts)), true);
  zip.end();
  yield* ready;
}

/** Every table and view that names people, those of later versions included. */
async function sourcesOf(database: Pick<Database, 'query'>): Promise<Source[]> {
  const found = await database.query<{ name: string; comment: string; engine: string; sorting: string }>(
    `SELECT t.name AS name, t.comment AS comment, t.engine AS engine, t.sorting_key AS sorting FROM system.tables AS t
     WHERE t.database = 'turnout' AND t.name != 'erasures' AND (t.engine LIKE '%MergeTree' OR t.engine = 'View')
       AND t.name IN (SELECT c.table FROM system.columns AS c WHERE c.database = 'turnout' AND c.name = 'user_key')
       AND t.name IN (SELECT c.table FROM system.columns AS c WHERE c.database = 'turnout' AND c.name = 'site_id')
       AND t.name NOT IN ('purchase_features', 'experiment_people')
     ORDER BY name`,
  );
  const whose = 'site_id = {site:String} AND user_key IN {keys:Array(UInt64)}';
  const sources = found.map(({ name, comment, engine, sorting }) => ({
    name,
    comment,
    condition:
      name === 'identity_links'
        ? 'site_id = {site:String} AND (user_key IN {keys:Array(UInt64)} OR visitor_key IN {keys:Array(UInt64)})'
        : whose,
    order: sorting === '' ? 'ALL' : sorting,
    isView: engine === 'View',
  }));
  const sessions = {
    name: 'sessions',
    comment: 'Visits.',
    // The whole owner (materialize): of a part of a tuple FINAL takes that of any row, and a session whose rows have not
    // merged yet would be told of somebody who came into it later.
    condition: 'site_id = {site:String} AND materialize(owner).user_key IN {keys:Array(UInt64)}',
    order: 'site_id, session_id',
    isView: false,
  };
  return [...sources, sessions];
}

async function* pagesOf(
  database: Pick<Database, 'query'>,
  { name, condition, order, isView }: Source,
  { site_id, user_keys }: ExportOrder,
): AsyncGenerator<object[]> {
  const columns = await database.query<{ name: string }>(
    // States of aggregates are bytes that nobody can read; the views say what they mean.
    `SELECT name FROM system.columns WHERE database = 'turnout' AND table = {table:String}
       AND NOT startsWith(type, 'AggregateFunction') ORDER BY position`,
    { table: name },
  );
  const parameters = { site: site_id, keys: user_keys.map(BigInt) };
  const select = `SELECT ${columns.map((column) => `\`${column.name}\``).join(', ')} FROM turnout.${name}`;
  const settings = 'SETTINGS output_format_json_quote_64bit_integers = 1';
  if (isView) {
    const rows = await database.query<object>(`${select} WHERE ${condition} ${settings}`, parameters);
    if (rows.length > 0) yield rows;
    return;
  }
  for (let from = 0; ; from += ROWS_A_PAGE) {
    const rows = await database.query<object>(
      `${select} FINAL WHERE ${condition} ORDER BY ${order} LIMIT ${ROWS_A_PAGE} OFFSET ${from} ${settings}`,
      parameters,
    );
    if (rows.length > 0) yield rows;
    if (rows.length < ROWS_A_PAGE) return;
  }
}

function readmeOf(
  { site_id, ids, user_keys }: ExportOrder,
  counts: readonly { name: string; comment: string; rows: number }[],
): string {
  return [
    `What the site "${site_id}" has stored about ${ids.map((id) => JSON.stringify(id)).join(', ')}`,
    `Made on ${new Date().toISOString()} by Turnout.`,
    '',
    'Each file is a JSON array, one object a row. interactions.json is what was recorded;',
    'everything else is counted from it, or was told by the site itself.',
    `The tables know the person by ${user_keys.length === 1 ? 'a pseudonym' : 'pseudonyms'}: ${user_keys.join(', ')}.`,
    '',
    ...counts.flatMap(({ name, comment, rows }) => [`${name}.json (${rows} rows)`, `  ${comment}`, '']),
  ].join('\n');
}
