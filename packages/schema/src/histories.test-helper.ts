/** Random histories of made-up sites, from a number: the same number makes the same history. */
import type { InteractionRow } from './table.ts';
import type { InteractionType } from './wire.ts';

/** A history as it arrives: shuffled, late, and some of it not to be counted. */
export interface History {
  site_id: string;
  rows: InteractionRow[];
}

const TYPES: InteractionType[] = [
  ...(['impression', 'impression', 'click', 'click', 'view', 'view', 'page_view', 'search'] as const),
  ...(['interest', 'like', 'save', 'follow', 'share', 'comment', 'review', 'ticket_click'] as const),
  ...(['purchase', 'purchase', 'refund', 'attendance', 'cart_add', 'dismiss', 'served', 'message'] as const),
  ...(['waitlist_join', 'waitlist_offer', 'waitlist_accept', 'friend_add'] as const),
  ...(['media_play', 'media_play'] as const),
];
/** Zones whose clocks change on the days that the histories lie around, and one that lies beyond midnight. */
const ZONES = ['America/New_York', 'Europe/Berlin', 'Pacific/Auckland', 'UTC'];
/** The clocks went back in Europe, and a week later in America. */
const CHANGES = ['2026-10-25T01:00:00Z', '2026-11-01T06:00:00Z', '2026-09-26T14:00:00Z'];
const HOUR_MS = 3_600_000;

/** One history of a few people over some three days around a change of the clocks. */
export function historyOf(number: number): History {
  const dice = diceOf(number);
  const site_id = `site-${number}`;
  const zone = dice.pick(ZONES);
  const start = Date.parse(dice.pick(CHANGES)) - 36 * HOUR_MS;
  const dayOf = new Intl.DateTimeFormat('en-CA', { timeZone: zone });
  const rows = Array.from({ length: 8 + dice.below(16) }, (_, index) => {
    // A third of it near a midnight of the site or a change of the clocks.
    const at = start + dice.below(72) * HOUR_MS + dice.pick([0, -1, 1, dice.below(HOUR_MS)]);
    const late = dice.pick([1_000, 1_000, 60_000, 13 * 24 * HOUR_MS]);
    return rowOf(dice, { site_id, number, index, at, late, day: dayOf.format(at) });
  });
  // Shuffled: nothing arrives in the order in which it happened.
  const order = rows.map((row) => ({ row, place: dice.next() })).sort((a, b) => a.place - b.place);
  return { site_id, rows: order.map(({ row }) => row) };
}

function rowOf(
  dice: Dice,
  {
    site_id,
    number,
    index,
    at,
    late,
    day,
  }: { site_id: string; number: number; index: number; at: number; late: number; day: string },
): InteractionRow {
  const type = dice.pick(TYPES);
  const event = { entity_type: 'event', entity_id: dice.pick(['e1', 'e2']) };
  const thing = dice.pick([
    ...[event, event, event, event],
    { entity_type: 'artist', entity_id: 'a1' },
    { entity_type: 'venue', entity_id: 'v1' },
    { entity_type: 'ad', entity_id: 'ad1' },
    { entity_type: 'offer', entity_id: 'o1' },
    { entity_type: 'review', entity_id: 'r1' },
    { entity_type: 'recommendation', entity_id: 'rec1' },
    { entity_type: '', entity_id: '' },
  ]);
  const money = type === 'purchase' || type === 'refund' ? String(dice.below(1_000_000) / 10_000) : undefined;
  const user = 1 + dice.below(4);
  return {
    site_id,
    id: `${String(number).padStart(8, '0')}-0000-7000-8000-${String(index).padStart(12, '0')}`,
    id_day: utc(at).slice(0, 10),
    type,
    ts: utc(at),
    occurred_at: utc(at),
    received_at: utc(at + late),
    local_date: day,
    batch_id: '00000000-0000-7000-8000-000000000000',
    attempt: 0,
    user_key: String(user),
    session_id: dice.pick(['', `s${user}`, `t${dice.below(3)}`]),
    sdk: 'js/0.1.0',
    env: dice.below(20) === 0 ? 'test' : 'production',
    ...thing,
    artist_id: thing.entity_type === 'artist' ? 'a1' : dice.pick(['', 'a1', 'a2']),
    venue_id: thing.entity_type === 'venue' ? 'v1' : dice.pick(['', 'v1']),
    event_date: dice.below(3) === 0 ? day : undefined,
    part: type === 'view' ? dice.below(3) : type === 'media_play' ? dice.below(6) : undefined,
    duration_ms: type === 'view' || type === 'media_play' ? dice.below(90_000) : undefined,
    rating: type === 'review' && dice.below(3) > 0 ? String(dice.below(50) / 10) : undefined,
    site_value: dice.below(6) === 0 ? undefined : money,
    order_id: type === 'purchase' ? dice.pick([undefined, 'order-1', 'order-2']) : undefined,
    quantity: dice.below(2) === 0 ? dice.below(5) : undefined,
    undo: dice.below(8) === 0 ? 1 : undefined,
    search_id:
      type === 'search' || type === 'click' ? dice.pick([undefined, `q${dice.below(4)}`]) : undefined,
    query: type === 'search' ? dice.pick(['Jazz', ' jazz', 'Rock']) : undefined,
    position: type === 'click' && dice.below(2) === 0 ? dice.below(9) : undefined,
    props: propsOf(dice, type),
    device: 'mobile',
    browser: 'Firefox',
    os: 'Linux',
    is_bot: dice.below(20) === 0 ? 1 : 0,
  };
}

function propsOf(dice: Dice, type: InteractionType): InteractionRow['props'] {
  if (type === 'search' && dice.below(2) === 0) return { result_count: dice.below(3) };
  // Some say nothing but their part, and some say what is no quarter.
  if (type === 'media_play' && dice.below(3) > 0)
    return { media: dice.pick(['video', 'video', 'audio']), quartile: dice.pick([0, 25, 50, 75, 100, 33]) };
  return undefined;
}

const utc = (ms: number) => new Date(ms).toISOString().replace('T', ' ').replace('Z', '');

export interface Dice {
  next(): number;
  below(limit: number): number;
  pick<Item>(items: readonly Item[]): Item;
}

/** A small generator (mulberry32): numbers that look random and follow from the seed. */
export function diceOf(seed: number): Dice {
  let state = seed + 0x9e3779b9;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    next,
    below,
    pick: <Item>(items: readonly Item[]) => items[below(items.length)] as Item,
  };
}
