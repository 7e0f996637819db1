/** What the naive recounts of people share: whose a row is, when it happened, and whether it was their own doing. */
import type { InteractionRow } from './table.ts';

/** A value of a view, as JSON. */
export type Told = string | number | null | Told[] | { [name: string]: Told };
/** Rows of a view by what names them, such as `people-1 3`. */
export type Recount = Map<string, { [column: string]: Told }>;

/** The moment that a view spoke of: the clock of the engine, and the day that it calls today. */
export interface Clock {
  now: number;
  today: string;
}

export const DAY_MS = 86_400_000;

/** The number of a day, so that days can be subtracted. */
export const dayNumber = (day: string): number => Date.parse(day) / DAY_MS;

export const time = (row: InteractionRow): number => Date.parse(`${row.ts.replace(' ', 'T')}Z`);

/** When it counts as having happened: a clock that runs ahead is believed for five minutes. */
export function seenAt(row: InteractionRow): number {
  return Math.min(time(row), Date.parse(`${row.received_at.replace(' ', 'T')}Z`) + 300_000);
}

/** How much of it is left, when half of it goes in so many days. */
export function left(row: InteractionRow, { now }: Clock, halfLifeDays: number): number {
  return 2 ** (-(now - seenAt(row)) / DAY_MS / halfLifeDays);
}

/** A refund, and a place offered or expired on a waiting list, is done to people who may be gone. */
export function isOwn({ type }: InteractionRow): boolean {
  return type !== 'refund' && type !== 'waitlist_offer' && type !== 'waitlist_expire';
}

/** A like, save, follow or interest taken back counts against those that were shown. */
export function sign({ type, undo }: InteractionRow): number {
  return undo === 1 && ['like', 'save', 'follow', 'interest'].includes(type) ? -1 : 1;
}

/** A page, or details of something, opened: the later parts of a view only tell its time. */
export function isOpening({ type, part = 0 }: InteractionRow): boolean {
  return type === 'page_view' || (type === 'view' && part === 0);
}

/** The rows of each person of each site. */
export function byPerson(rows: InteractionRow[]): Map<string, InteractionRow[]> {
  return groupBy(rows, (row) => `${row.site_id} ${row.user_key}`);
}

export function groupBy<Item>(items: Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

export const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0);

/** A moment as views tell it. */
export const utc = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
