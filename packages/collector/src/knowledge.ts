/**
 * What the collector knows about people and events, in bounded memory: rows are stamped with it before the log,
 * so that a replay writes the same row and views never look anything up.
 */
import type { PersonRow } from '@turnout/schema';

/** Traits of a person. */
export type Traits = Pick<PersonRow, 'birth_year' | 'gender' | 'city' | 'country'>;

/** What rows about an event say of it, where the sender did not. */
export interface EventFacts {
  artist_id?: string;
  venue_id?: string;
  genre?: string;
  event_date?: string;
  price_min?: string;
  price_max?: string;
}

/** What a row says about who did it. */
export interface Stamp {
  city?: string | undefined;
  country?: string | undefined;
  age_band?: string | undefined;
  gender?: string | undefined;
}

export interface Knowledge {
  person(siteId: string, userKey: string): Traits | undefined;
  /** The version of what is known of a person. */
  personVersion(siteId: string, userKey: string): string | undefined;
  event(siteId: string, eventId: string): EventFacts | undefined;
  /** What is known in a higher version stays, as it does in the table. */
  setPerson(siteId: string, userKey: string, traits: Traits, version: string): void;
  /** The same for an event; undefined takes it out. */
  setEvent(siteId: string, eventId: string, facts: EventFacts | undefined, version: string): void;
  forget(siteId: string, userKeys: readonly string[]): void;
  /** Everything of a site that is gone. */
  forgetSite(siteId: string): void;
  /** How much is known, for /metrics. */
  size(): { people: number; events: number };
}

export interface KnowledgeOptions {
  maxPeople?: number;
  maxEvents?: number;
}

export const MAX_PEOPLE = 200_000;
export const MAX_EVENTS = 100_000;

export function createKnowledge({
  maxPeople = MAX_PEOPLE,
  maxEvents = MAX_EVENTS,
}: KnowledgeOptions = {}): Knowledge {
  const people = new Map<string, Known<Traits>>();
  // One that was taken out is kept without facts: an older line must not bring it back.
  const events = new Map<string, Known<EventFacts | undefined>>();
  return {
    person: (siteId, userKey) => people.get(`${siteId}/${userKey}`)?.facts,
    personVersion: (siteId, userKey) => people.get(`${siteId}/${userKey}`)?.version,
    event: (siteId, eventId) => events.get(`${siteId}/${eventId}`)?.facts,
    setPerson: (siteId, userKey, facts, version) =>
      keep(people, `${siteId}/${userKey}`, { facts, version }, maxPeople),
    setEvent: (siteId, eventId, facts, version) =>
      keep(events, `${siteId}/${eventId}`, { facts, version }, maxEvents),
    forget(siteId, userKeys) {
      for (const key of userKeys) people.delete(`${siteId}/${key}`);
    },
    forgetSite(siteId) {
      for (const known of [people, events])
        for (const key of known.keys()) if (key.startsWith(`${siteId}/`)) known.delete(key);
    },
    size: () => ({ people: people.size, events: events.size }),
  };
}

interface Known<Facts> {
  facts: Facts;
  /** A whole number without leading zeros, as the tables order it: the highest is valid, of equal ones the last. */
  version: string;
}

/** The one that was set longest ago makes room. */
function keep<Value extends Known<unknown>>(
  map: Map<string, Value>,
  key: string,
  value: Value,
  max: number,
): void {
  const before = map.get(key);
  if (before && isBelow(value.version, before.version)) return;
  map.delete(key);
  map.set(key, value);
  if (map.size <= max) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}

/** Whether a version is lower than another. */
export const isBelow = (a: string, b: string) => (a.length === b.length ? a < b : a.length < b.length);

/**
 * What to stamp a row with.
 *
 * @param place - Where the request came from, when the operator trusts a header that says so. What a person
 * told wins: a promoter asks where people live, not where they sat.
 */
export function stampOf(traits: Traits | undefined, place: Stamp, year: number): Stamp {
  if (!traits) return place;
  const { city, country, gender, birth_year } = traits;
  const isPlaced = city !== undefined || country !== undefined;
  return {
    city: isPlaced ? city : place.city,
    country: isPlaced ? country : place.country,
    gender,
    age_band: birth_year === undefined ? undefined : ageBand(year - birth_year),
  };
}

const BANDS = [
  [18, '0-17'],
  [25, '18-24'],
  [35, '25-34'],
  [45, '35-44'],
  [55, '45-54'],
  [65, '55-64'],
] as const;

/** The band that someone turns in this year; undefined when nobody gets so old. */
function ageBand(age: number): string | undefined {
  if (age < 0 || age > 120) return undefined;
  return BANDS.find(([below]) => age < below)?.[1] ?? '65+';
}
