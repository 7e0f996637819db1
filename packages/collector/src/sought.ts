import type { InteractionRow } from '@turnout/schema';
import type { LogRecord } from './log/record.ts';
import { type OrderReport, orderReportOf } from './order-report.ts';

/** What a row is looked up by. */
export interface Sought extends Pick<InteractionRow, 'site_id' | 'id' | 'id_day' | 'type' | 'user_key'> {
  /** Its id follows from an order, or from the key of a back end: it is one, whoever reports it for whichever day. */
  isOrder: boolean;
  /** Who tells of the order that it is a line of. */
  report?: OrderReport | undefined;
  /**
   * Segment's browser client adds to what it sends again who has signed in since: the same message of another person. And
   * who is known by no id is known by their address, which may be another one by the next attempt.
   */
  mayChangePerson: boolean;
  /** It said no time, so that it has the time of its arrival: the row that an earlier attempt left may be of a day before. */
  isUntimed: boolean;
}

/** Text of a site can follow only behind these columns, so nobody can write what looks like them. */
const FIRST_COLUMNS =
  /^\{"id":"([\da-f-]{36})","id_day":"([\d-]{10})","type":"(\w+)","user_key":"(\d+)",("order_id":)?/;
/** Longer than the columns that are read. */
const READ_BYTES = 256;
/** A prop may look like this column too: then the row is looked up without its person, which finds no less. */
const FROM_SEGMENT = '"sdk":"segment';
const FROM_BACK_END = '"sdk":"ingest"';
/**
 * Rows of a browser without cookies have none. One that has a prop of this name is looked up by its person: what that misses
 * is a retry from another address.
 */
const OF_VISITOR = '"visitor_id":"';

/** Nothing but a long name can stand before the time, and names are short. */
const TIME_WITHIN_BYTES = 2_000;

/** A clock that agrees with ours to the millisecond looks so too: then one day more is looked up. */
function isUntimed(json: Buffer): boolean {
  if (!json.includes(FROM_SEGMENT)) return false;
  const at = /"occurred_at":"([^"]+)"/.exec(json.toString('latin1', 0, TIME_WITHIN_BYTES))?.[1];
  return at !== undefined && json.includes(`"received_at":"${at}"`);
}

/** The columns that a record of an interaction is looked up by: a row is long, and they stand at its front. */
export function soughtIn({ key, json }: Pick<LogRecord, 'key' | 'json'>): Sought {
  const mayChangePerson = json.includes(FROM_SEGMENT) || !json.includes(OF_VISITOR);
  const front = FIRST_COLUMNS.exec(json.toString('latin1', 0, READ_BYTES));
  if (front) {
    const [, id = '', idDay = '', type = '', userKey = '', order] = front;
    const isLine = order !== undefined && isSale(type);
    return {
      site_id: key.slice(0, key.lastIndexOf('/')),
      id,
      id_day: idDay,
      type: type as Sought['type'],
      user_key: userKey,
      isOrder: isLine || json.includes(FROM_BACK_END),
      // Its sender and its line stand further behind; there are few of them.
      ...(isLine && { report: orderReportOf(JSON.parse(json.toString('utf8')) as InteractionRow) }),
      mayChangePerson,
      isUntimed: isUntimed(json),
    };
  }
  // Written by another version, or by hand.
  const row = JSON.parse(json.toString('utf8')) as InteractionRow;
  const { site_id, id, id_day, type, user_key, order_id } = row;
  const report = orderReportOf(row);
  return {
    site_id,
    id,
    id_day,
    type,
    user_key,
    isOrder: (order_id !== undefined && isSale(type)) || json.includes(FROM_BACK_END),
    ...(report && { report }),
    mayChangePerson,
    isUntimed: isUntimed(json),
  };
}

const isSale = (type: string) => type === 'purchase' || type === 'refund';
