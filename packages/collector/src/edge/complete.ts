/**
 * Entries of the queue → entries as a Node collector would have logged them: rows get what is known of who did
 * it and of the event, once, before the block is kept. A replay writes the same rows.
 */
import type { InteractionRow } from '@turnout/schema';
import type { Caps } from '../caps.ts';
import { defined } from '../defined.ts';
import { type EventFacts, type Stamp, stampOf, type Traits } from '../knowledge.ts';
import { isInteraction, type LogEntry } from '../log/record.ts';
import type { Found } from './look-up.ts';
import type { QueuedEntry } from './messages.ts';

interface ToldRow extends Traits {
  site_id: string;
  user_key: string;
}

/** @param parsed - The rows of `entries`, in the same order. */
export function completeEntries(
  entries: readonly QueuedEntry[],
  parsed: readonly object[],
  { people, events }: Pick<Found, 'people' | 'events'>,
  { caps, year }: { caps: Pick<Caps, 'apply'>; year: number },
): LogEntry[] {
  // First: who signs in and then looks at an event was that person when they looked.
  const told = new Map<number, string>();
  for (const [index, { kind }] of entries.entries()) {
    if (kind !== 'P' && kind !== 'p') continue;
    const row = parsed[index] as ToldRow;
    const name = `${row.site_id}/${row.user_key}`;
    const whole = kind === 'P' ? { ...people.get(name), ...row } : row;
    people.set(name, traitsOf(whole));
    told.set(index, JSON.stringify(whole));
  }
  return entries.map(({ kind, key, json }, index) => {
    if (kind === 'P' || kind === 'p') return { kind: 'p', key, json: told.get(index) ?? json };
    if (!isInteraction({ kind })) return { kind, key, json };
    const row = { ...(parsed[index] as InteractionRow) };
    const { site_id, entity_type, entity_id, user_key } = row;
    const event = entity_type === 'event' ? events.get(`${site_id}/${entity_id}`) : undefined;
    stamp(row, people.get(`${site_id}/${user_key}`), event, year);
    caps.apply(site_id, row.received_at, row);
    return { kind, key, json: JSON.stringify(row) };
  });
}

function traitsOf({ birth_year, gender, city, country }: Traits): Traits {
  return defined({ birth_year, gender, city, country });
}

/** What a row says itself wins over what is known of its event; what a person told wins over where they sat. */
function stamp(
  row: InteractionRow,
  traits: Traits | undefined,
  event: EventFacts | undefined,
  year: number,
): void {
  for (const [column, value] of Object.entries(event ?? {}) as [keyof EventFacts, string][])
    row[column] ??= value;
  const place: Stamp = { city: row.city, country: row.country };
  Object.assign(row, stampOf(traits, place, year));
}
