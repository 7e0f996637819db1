/**
 * What the tables know of the people and events that a block is about: asked for each block, because a writer at
 * the edge lives too short to remember it.
 */
import type { Database } from '@turnout/schema/migrate';
import { chunks } from '../chunks.ts';
import type { EventFacts, Traits } from '../knowledge.ts';
import { WHOLE_SITE } from '../privacy/site-removal.ts';

/** Ids travel in the address, which may be 16 KB long on its way out of a worker. */
export const IDS_A_QUERY = 100;

interface About {
  site_id: string;
  user_key?: string;
  visitor_key?: string;
  entity_type?: string;
  entity_id?: string;
}

export interface Found {
  people: Map<string, Traits>;
  events: Map<string, EventFacts>;
}

/** The people and events of these rows, as `site/id`. */
export async function lookUp(database: Pick<Database, 'query'>, rows: readonly About[]): Promise<Found> {
  const found: Found = { people: new Map(), events: new Map() };
  for (const [site, users] of bySite(rows, ({ user_key }) => user_key)) {
    const people = await database.query<{ user: string } & Record<string, string | number | null>>(
      `SELECT toString(p.user_key) AS user, birth_year, toString(gender) AS gender, city, toString(country) AS country
       FROM turnout.people AS p FINAL WHERE site_id = {site:String} AND p.user_key IN {users:Array(UInt64)}`,
      { site, users: users.map(BigInt) },
    );
    for (const { user, ...traits } of people) found.people.set(`${site}/${user}`, filled(traits));
  }
  const idOfEvent = ({ entity_type, entity_id }: About) => (entity_type === 'event' ? entity_id : undefined);
  for (const [site, ids] of bySite(rows, idOfEvent)) {
    const events = await database.query<{ event: string } & Record<string, string | null>>(
      `SELECT entity_id AS event, artist_id, venue_id, toString(genre) AS genre, toString(starts_on) AS event_date,
         toString(price_min) AS price_min, toString(price_max) AS price_max
       FROM turnout.entities FINAL
       WHERE site_id = {site:String} AND entity_type = 'event' AND deleted = 0 AND entity_id IN {ids:Array(String)}`,
      { site, ids },
    );
    for (const { event, ...facts } of events) found.events.set(`${site}/${event}`, filled(facts));
  }
  return found;
}

/** Until when people among these were erased, and sites as a whole ({@link WHOLE_SITE}). */
export async function lookUpErasures(
  database: Pick<Database, 'query'>,
  rows: readonly Pick<About, 'site_id' | 'user_key' | 'visitor_key'>[],
): Promise<{ site_id: string; user_key: string; at: number }[]> {
  const people = rows.flatMap(({ site_id, user_key, visitor_key }) =>
    [user_key, visitor_key, WHOLE_SITE].map((key) => ({ site_id, user_key: key })),
  );
  const erasures: { site_id: string; user_key: string; at: number }[] = [];
  for (const [site, users] of bySite(people, ({ user_key }) => user_key)) {
    const found = await database.query<{ user: string; until: string }>(
      `SELECT toString(e.user_key) AS user, toString(toUnixTimestamp64Milli(max(e.at))) AS until
       FROM turnout.erasures AS e WHERE site_id = {site:String} AND e.user_key IN {users:Array(UInt64)} GROUP BY e.user_key`,
      { site, users: users.map(BigInt) },
    );
    for (const { user, until } of found) erasures.push({ site_id: site, user_key: user, at: Number(until) });
  }
  return erasures;
}

/** The different ids of each site, in parts that fit a query. */
function* bySite<Row extends { site_id: string }>(
  rows: readonly Row[],
  idOf: (row: Row) => string | undefined,
): Generator<[site: string, ids: readonly string[]]> {
  const sites = new Map<string, Set<string>>();
  for (const row of rows) {
    const id = idOf(row);
    if (id) sites.set(row.site_id, (sites.get(row.site_id) ?? new Set()).add(id));
  }
  for (const [site, ids] of sites) for (const part of chunks([...ids], IDS_A_QUERY)) yield [site, part];
}

/** Without the columns that say nothing. */
function filled(columns: Record<string, unknown>): object {
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== null && value !== ''));
}
