/**
 * The lines of an order, such that they add up to what was paid and that each counts once, whoever reports it.
 */
import type { Interaction, Json } from '@turnout/schema';
import { derivedId } from '../derived-id.ts';
import { RECORD_PROP } from '../order-report.ts';
import type { Entity } from './take-fields.ts';

/** Each line is a row: an order of more would make much of little that was sent. */
export const MAX_ORDER_LINES = 100;

/** What was bought, before money is spread. */
export interface OrderedItem extends Entity {
  /** Its reference within the order, where the shop has one. */
  line?: string | undefined;
  /** Of one piece. */
  price?: number | undefined;
  /** Of the whole line. */
  value?: number | undefined;
  quantity?: number | undefined;
  props?: { [key: string]: Json };
}

/**
 * One interaction's fields for each line. `amount` (what was paid for the whole order) is spread by price ×
 * quantity, to the cent, and the last line takes what rounding leaves.
 *
 * Two lines about the same thing would be one by their ids (see `orderLineId`), so the second and further ones
 * are told apart by their number; the first has no `line`, so that it is the same as what a page reported. So are
 * lines that the shop itself calls the same.
 *
 * @param of - `refund`: a reference that tells one refund of an order from another.
 */
export function orderLines(
  items: readonly OrderedItem[],
  amount: number | undefined,
  { type, refund }: { type: Interaction['type']; refund?: string | undefined },
): Pick<Interaction, 'entity_type' | 'entity_id' | 'value' | 'quantity' | 'props'>[] {
  const values = spread(amount, items);
  const times = new Map<string, number>();
  const timeOf = (...named: string[]) => {
    const name = JSON.stringify(named);
    const time = (times.get(name) ?? 0) + 1;
    times.set(name, time);
    return time;
  };
  const references: string[] = [];
  const lines = items.map(({ entity_type, entity_id, line, quantity, props }, at) => {
    const thing = entity_type === undefined ? '' : `${entity_type}:${entity_id ?? ''}`;
    const ofThing = timeOf(thing);
    const time = line === undefined ? ofThing : timeOf(thing, line);
    const own = time > 1 ? `${line ?? thing}#${time}` : line;
    const reference = refund === undefined ? own : `${own ?? thing}/${nameOfRefund(refund)}`;
    references.push(JSON.stringify([thing, reference]));
    return {
      entity_type,
      entity_id,
      value: values[at],
      quantity,
      props: { ...props, ...(reference === undefined ? {} : { line: reference }) },
    };
  });
  if (type === 'refund') return lines;
  // Not what they cost: the same lines are the same rows. The letter keeps the database from reading it as a date.
  const record = `r${derivedId('record', ...references.sort()).slice(0, 8)}`;
  return lines.map((line) => ({ ...line, props: { ...line.props, [RECORD_PROP]: record } }));
}

/** Without a "/" of its own, so that what stands behind the last one is the whole name; other names stay as they are. */
function nameOfRefund(refund: string): string {
  return refund.replace(/%(?=2F|25)|\//g, encodeURIComponent);
}

function spread(amount: number | undefined, items: readonly OrderedItem[]): (number | undefined)[] {
  const prices = items.map(
    ({ value, price, quantity = 1 }) => value ?? (price === undefined ? undefined : price * quantity),
  );
  if (amount === undefined) return prices.map((price) => (price === undefined ? undefined : tidy(price)));
  const priced = prices.map((price) => Math.max(0, price ?? 0));
  const isPriced = priced.some((price) => price > 0);
  const weights = isPriced ? priced : items.map(({ quantity }) => Math.max(1, quantity ?? 1));
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  let left = amount;
  return weights.map((weight, at) => {
    const share = at === weights.length - 1 ? tidy(left) : Math.trunc((amount * weight * 100) / whole) / 100;
    left -= share;
    return share;
  });
}

/** Four places are what the tables keep. */
function tidy(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
