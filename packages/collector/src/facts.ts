/**
 * What a batch teaches beside its interactions: who a visitor is, what a person is like, what things are called.
 * Facts travel through the log like rows do, so that an acknowledged one is not lost.
 */
import type { EntityRow, IdentityLinkRow, Interaction, InteractionRow, PersonRow } from '@turnout/schema';
import { cleanText } from './clean.ts';
import { derivedId } from './derived-id.ts';
import type { Intake, LogEntry } from './intake.ts';
import type { Knowledge, Traits } from './knowledge.ts';
import { utcTime } from './local-date.ts';

/** How a collector learns. */
export interface Learning {
  known: Knowledge;
  /** Where facts go. It drops what it took within the last day. */
  facts: Pick<Intake, 'take'>;
  visitorKey(siteId: string, visitorId: string): string;
}

/** An explicit entry of the catalogue has a version of 1 or more, and wins over what was learned. */
const LEARNED = '0';
const MAX_NAME_LENGTH = 200;

// Keys of the log hold no spaces.
const keyOf = (...parts: string[]) => parts.map(encodeURIComponent).join(':');

/** A visitor signed in. */
export function linkEntry(siteId: string, visitorKey: string, userKey: string, at: number): LogEntry {
  const row: IdentityLinkRow = {
    site_id: siteId,
    visitor_key: visitorKey,
    user_key: userKey,
    linked_at: utcTime(at),
  };
  return { kind: 'l', key: `${siteId}/${keyOf('link', visitorKey, userKey)}`, json: JSON.stringify(row) };
}

/**
 * What a person is like. What is said again later is news, because something else may have been said in between: so an
 * entry is named by who said it.
 *
 * @param by - The version of the catalogue, or the id of the interaction that told.
 */
export function personEntry(
  siteId: string,
  userKey: string,
  traits: Traits,
  { at, by, version }: { at: number; by: string; version?: string },
): LogEntry {
  const row: PersonRow & { updated_at: string } = {
    site_id: siteId,
    user_key: userKey,
    version: version ?? String(at),
    updated_at: utcTime(at),
    ...traits,
  };
  return {
    kind: 'p',
    key: `${siteId}/${keyOf('person', userKey, JSON.stringify(traits), by)}`,
    json: JSON.stringify(row),
  };
}

/** What a thing is. Two lines of the catalogue of one moment may say it differently: the last one counts, so both are kept. */
export function entityEntry(entity: EntityRow, at: number): LogEntry {
  const row: EntityRow & { updated_at: string } = { ...entity, updated_at: utcTime(at) };
  const { site_id, entity_type, entity_id, version } = entity;
  return {
    kind: 'e',
    key: `${site_id}/${keyOf('entity', entity_type, entity_id, version, ...(version === LEARNED ? [] : [derivedId(JSON.stringify(entity))]))}`,
    json: JSON.stringify(row),
  };
}

/** The names that the props of an interaction say: good until the catalogue knows better. */
export function learnedEntities(
  siteId: string,
  { props }: Interaction,
  row: Partial<InteractionRow>,
): EntityRow[] {
  if (!props) return [];
  const nameIn = (prop: string) => {
    const name = props[prop];
    return typeof name === 'string' && name.trim() !== ''
      ? cleanText(name.trim().slice(0, MAX_NAME_LENGTH))
      : undefined;
  };
  const learned: EntityRow[] = [];
  const learn = (entity_type: string, entity_id: string | undefined, name: string | undefined, more = {}) => {
    if (entity_id && name)
      learned.push({ site_id: siteId, entity_type, entity_id, version: LEARNED, name, ...more });
  };
  learn('artist', row.artist_id, nameIn('artist_name'));
  learn('venue', row.venue_id, nameIn('venue_name'));
  if (row.entity_type === 'event') {
    const { genre, artist_id, venue_id, event_date, price_min, price_max } = row;
    const facts = { genre, artist_id, venue_id, starts_on: event_date, price_min, price_max };
    learn('event', row.entity_id, nameIn('event_name'), facts);
  }
  return learned;
}
