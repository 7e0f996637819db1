import { type Interaction, type Json, MAX_ID_LENGTH } from '@turnout/schema';
import { cutText } from '../../clean.ts';
import { defined } from '../../defined.ts';
import { isObject, type JsonObject } from '../../read-json.ts';
import { MAX_ORDER_LINES, type OrderedItem, orderLines } from '../order-lines.ts';
import {
  currencyOf,
  idOf,
  isCurrencyKnown,
  moneyOf,
  numberOf,
  take,
  takeEntity,
  takeFields,
  textOf,
  wholeOf,
} from '../take-fields.ts';
import { type Meaning, meaningOf } from './event-names.ts';

type Tracked = Omit<Interaction, 'id' | 'occurred_at'>;

/** Of a list of products its length and this many ids are kept: the products themselves are in the catalogue. */
const PRODUCT_IDS = 50;

/** A `track` call as interactions: one, or one for each line of an order. */
export function trackOf(event: unknown, properties: JsonObject): Tracked[] | { problem: string } {
  const name = typeof event === 'string' ? event.trim() : '';
  if (name === '') return { problem: '"event" is missing: say what happened, such as "Order Completed".' };
  const meaning = meaningOf(name);
  const props = { ...properties };
  if (!meaning)
    return [{ type: 'custom', name: cutText(name, MAX_ID_LENGTH), ...takeFields(props), ...rest(props) }];
  if (meaning.isOrder) return orderOf(meaning, props);
  return [oneOf(meaning, props)];
}

function oneOf(meaning: Meaning, props: JsonObject): Tracked {
  const { type } = meaning;
  const about = aboutOf(meaning, props);
  const found: Tracked = { type, ...about, ...defined({ undo: meaning.undo }) };
  switch (type) {
    case 'cart_add':
    case 'cart_remove': {
      const { quantity, value, ...fields } = takeFields(props);
      const price = isCurrencyKnown(props) ? moneyOf(props.price) : undefined;
      const worth = value ?? (price === undefined ? undefined : cents(price * (quantity ?? 1)));
      Object.assign(found, defined({ ...fields, quantity, value: worth }));
      break;
    }
    case 'exposure':
      Object.assign(
        found,
        defined({
          experiment: take(props, ['experiment', 'experiment_id', 'experiment_name'], idOf),
          variant: take(props, ['variant', 'variation_id', 'variation_name'], idOf),
          ...takeFields(props),
        }),
      );
      break;
    case 'share': {
      const platform = take(props, ['platform', 'share_via'], textOf);
      Object.assign(found, takeFields(props));
      // What somebody wrote to a friend, and to whom, is nobody's business here.
      delete props.share_message;
      delete props.recipient;
      if (platform !== undefined) props.platform = platform;
      break;
    }
    case 'review': {
      Object.assign(found, takeFields(props));
      const text = props.review_body;
      delete props.review_body;
      if (typeof text === 'string') props.review_length ??= text.length;
      break;
    }
    case 'funnel_step':
      Object.assign(found, takeFields(props));
      if (meaning.step !== undefined) props.step ??= meaning.step;
      break;
    default:
      Object.assign(found, takeFields(props));
  }
  const price = numberOf(props.price);
  if (price !== undefined && price >= 0) {
    props.price_min ??= price;
    props.price_max ??= price;
  }
  shortenProducts(props);
  return { ...found, ...about, ...rest(props) };
}

/** What it is about, where the name of the event says the kind. */
function aboutOf({ about }: Meaning, props: JsonObject): Partial<Tracked> {
  if (about === 'promotion') {
    const entity_id = take(props, ['promotion_id', 'id', 'name'], idOf);
    // Segment's "position" of a promotion is the name of a place: "home_banner_top".
    const position = take(props, ['position'], (value) => wholeOf(value, 65_535));
    const surface = take(props, ['surface', 'position'], idOf);
    return entity_id === undefined ? {} : defined({ entity_type: 'ad', entity_id, position, surface });
  }
  if (about === 'list' || about === 'cart') {
    const list_id = take(props, about === 'cart' ? ['cart_id'] : ['list_id', 'category'], idOf);
    return defined({
      entity_type: 'list',
      list_id: list_id ?? (about === 'cart' ? 'cart' : undefined),
      surface: about === 'cart' ? 'cart' : undefined,
    });
  }
  return {};
}

/** Each product is a line; an order without products is one line about whatever its props name. */
function orderOf({ type }: Meaning, props: JsonObject): Tracked[] | { problem: string } {
  const products = Array.isArray(props.products) ? props.products.filter(isObject) : [];
  if (products.length > MAX_ORDER_LINES)
    return {
      problem: `"products" lists ${products.length}, and an order has at most ${MAX_ORDER_LINES} lines. Report the others as another order.`,
    };
  const priced = products.length > 0 ? products : [props];
  const unreadable =
    unreadableIn(props, AMOUNTS) ?? (priced.some((it) => unreadableIn(it, PRICE)) && 'price');
  if (unreadable) return { problem: `"${unreadable}" ${NO_AMOUNT}` };
  if (isSaid(props.order_id) && idOf(props.order_id) === undefined) return { problem: NO_ORDER_ID };
  const order_id = take(props, ['order_id'], idOf);
  // An amount in nobody knows what must not pass for the site's currency: the judge refuses what is no code.
  const currency = take(props, ['currency'], (value) => currencyOf(value) ?? textOf(value));
  const amount = take(props, AMOUNTS, moneyOf);
  const refund = type === 'refund' ? take(props, ['refund_id'], idOf) : undefined;
  const items =
    products.length > 0 ? products.map(itemOf) : [{ ...itemOf(props), props: undefined } as OrderedItem];
  delete props.products;
  return orderLines(items, amount, { type, refund }).map(({ props: ofLine, ...line }, at) => ({
    type,
    ...defined({ ...line, order_id, currency }),
    // Facts about the whole order stand once, with its first line.
    ...rest({ ...(at === 0 ? props : {}), ...ofLine }),
  }));
}

/** What was paid, the closest first. */
const AMOUNTS = ['revenue', 'total', 'value'];
const PRICE = ['price'];
const NO_AMOUNT =
  'cannot be read. Send a number such as 60 or "60.00": a point before the cents, no sign of a currency, and nothing between the thousands.';

// Stored without it, such an order would count again as soon as somebody else tells of it.
const NO_ORDER_ID = `"order_id" cannot be read. Send text of at most ${MAX_ID_LENGTH} characters; as a number it is rounded.`;

const isSaid = (value: unknown) => value !== undefined && value !== null && value !== '';

/** The name of an amount that is said, but by none of these names so that it can be read. */
function unreadableIn(from: JsonObject, names: readonly string[]): string | undefined {
  const said = names.filter((name) => isSaid(from[name]));
  // Stored without it, such an order would be one of nothing, and keep the right report of it out.
  return said.some((name) => moneyOf(from[name]) !== undefined) ? undefined : said[0];
}

function itemOf(product: JsonObject): OrderedItem {
  const props = { ...product };
  const entity = takeEntity(props);
  const line = take(props, ['line', 'line_id'], idOf);
  const price = moneyOf(props.price);
  const quantity = take(props, ['quantity'], (value) => wholeOf(value));
  if (price !== undefined && price >= 0) {
    props.price_min ??= price;
    props.price_max ??= price;
  }
  return { ...entity, line, price, quantity, props: props as { [key: string]: Json } };
}

function shortenProducts(props: JsonObject): void {
  if (!Array.isArray(props.products)) return;
  const ids = props.products
    .filter(isObject)
    .map((product) => takeEntity({ ...product }).entity_id)
    .filter((id) => id !== undefined);
  props.product_count ??= props.products.length;
  props.product_ids ??= ids.slice(0, PRODUCT_IDS);
  delete props.products;
}

function rest(props: JsonObject): { props?: { [key: string]: Json } } {
  return Object.keys(props).length > 0 ? { props: props as { [key: string]: Json } } : {};
}

function cents(value: number): number {
  return Math.round(value * 100) / 100;
}
