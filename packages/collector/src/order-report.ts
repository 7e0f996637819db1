/**
 * Who tells of an order. Page, shop and back end may divide one order into lines of their own, whose ids then differ:
 * so the order belongs to whoever told of it first, and the others add nothing to it.
 */
import { createHash } from 'node:crypto';
import type { InteractionRow } from '@turnout/schema';
import type { Database } from '@turnout/schema/migrate';
import { chunks } from './chunks.ts';
import { apart } from './derived-id.ts';
import type { Sought } from './sought.ts';

/** A line of an order, as far as it matters who tells of it. */
export interface OrderReport {
  site_id: string;
  order_id: string;
  /** The same in all lines of an order; each refund that has a name of its own is another. */
  order: string;
  /** What sent it, without its version. */
  reporter: string;
  /** Which lines it came with, from who tells of an order as a whole; empty where it is told in parts. */
  record: string;
}

/** Of a line that came in a record of the whole order: stands for all lines of it. */
export const RECORD_PROP = 'order_record';
/** Nobody else tells of whole orders: a page may have a prop of that name. */
const TELLS_WHOLE = /^(ingest|segment)\b/;

type Line = Pick<InteractionRow, 'site_id' | 'type' | 'order_id' | 'sdk' | 'env' | 'is_bot' | 'props'>;

/** Undefined when the row is no line of an order. */
export function orderReportOf(row: Line): OrderReport | undefined {
  const { site_id, type, order_id = '', sdk, props } = row;
  if ((type !== 'purchase' && type !== 'refund') || order_id === '') return undefined;
  const order = JSON.stringify([
    site_id,
    type,
    order_id,
    type === 'refund' ? refundIn(props?.line) : '',
    ...apart(row),
  ]);
  const record = type === 'purchase' && TELLS_WHOLE.test(sdk) ? props?.[RECORD_PROP] : undefined;
  return {
    site_id,
    order_id,
    order,
    reporter: sdk.replace(/\/[^/]*$/, ''),
    record: typeof record === 'string' ? record : '',
  };
}

/** What tells a line from the same one told by somebody else, or in another record. */
export const tellerOf = ({ reporter, record }: OrderReport): string => `${reporter} ${record}`;

/** `order-lines.ts` writes a refund's own name behind the line that was refunded. */
function refundIn(line: unknown): string {
  const at = typeof line === 'string' ? line.lastIndexOf('/') : -1;
  return at < 0 ? '' : String(line).slice(at + 1);
}

interface Told extends Pick<InteractionRow, 'env' | 'is_bot'> {
  kind: 'purchase' | 'refund';
  ordered: string;
  sender: string;
  line: string;
  record: string;
}

/** By order: who told of it, and in which records. */
type Reporters = Map<string, Map<string, Set<string>>>;

/** Who told of these orders, as far as it is stored. */
export async function findReporters(
  database: Pick<Database, 'query'>,
  rows: readonly (Sought & { report: OrderReport })[],
  { idsAQuery, daysAround }: { idsAQuery: number; daysAround: number },
): Promise<Reporters> {
  const reporters: Reporters = new Map();
  for (const site_id of new Set(rows.map((row) => row.site_id))) {
    const ofSite = rows.filter((row) => row.site_id === site_id);
    for (const part of chunks(ofSite, idsAQuery)) {
      const days = part.map(({ id_day }) => id_day).sort();
      const found = await database.query<Told>(
        // Numbers of orders can be long, and travel in the address: their hashes are as long as ids.
        `SELECT DISTINCT toString(type) AS kind, order_id AS ordered, sdk AS sender, env, is_bot, ifNull(toString(props.line), '') AS line,
           ifNull(toString(props.${RECORD_PROP}), '') AS record
         FROM turnout.interactions
         WHERE site_id = {site:String} AND type IN {types:Array(String)}
           AND id_day BETWEEN {from:Date} - ${daysAround} AND {to:Date} + ${daysAround}
           AND order_id != '' AND hex(MD5(order_id)) IN {orders:Array(String)}`,
        {
          site: site_id,
          types: [...new Set(part.map(({ type }) => type))],
          from: days[0],
          to: days.at(-1),
          orders: [...new Set(part.map(({ report }) => hashOf(report.order_id)))],
        },
      );
      for (const { kind, ordered, sender, line, record, ...told } of found) {
        const props = { line, [RECORD_PROP]: record };
        const row = { ...told, site_id, type: kind, order_id: ordered, sdk: sender, props };
        const report = orderReportOf(row);
        if (report) note(reporters, report);
      }
    }
  }
  return reporters;
}

/**
 * Why a line is not counted, or undefined when it is: then its reporter is one of the order.
 *
 * @param reporters - Who told of which order until now.
 */
export function whyNotCounted(reporters: Reporters, report: OrderReport): string | undefined {
  const known = reporters.get(report.order);
  const records = known?.get(report.reporter);
  if (known && !records) {
    const first = [...known.keys()].map((name) => JSON.stringify(name)).join(', ');
    return (
      `${first} reported this order first and divided it otherwise, and an order counts as it was first reported. ` +
      'Let one of them report orders, or have both name the same "event_id" (or "line") for each line.'
    );
  }
  // Rows of earlier versions do not say in which record they came.
  const isSame = report.record === '' || records?.has(report.record) || records?.has('');
  if (records && !isSame)
    return (
      'This order was reported before with other lines. A record is the whole order, and an order counts as it was first reported. ' +
      'Report what was given back as a refund, and what was bought since under an "order_id" of its own.'
    );
  note(reporters, report);
  return undefined;
}

function note(reporters: Reporters, { order, reporter, record }: OrderReport): void {
  const known = reporters.get(order) ?? new Map<string, Set<string>>();
  reporters.set(order, known);
  known.set(reporter, (known.get(reporter) ?? new Set()).add(record));
}

const hashOf = (text: string) => createHash('md5').update(text).digest('hex').toUpperCase();
