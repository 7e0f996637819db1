/** From the id that a site knows a person by to every key their data is stored under. */
import type { Database } from '@turnout/schema/migrate';

/** How ids become keys on this collector. */
export interface KeyMaker {
  person(siteId: string, userId: string): string;
  visitor(siteId: string, visitorId: string): string;
}

/** What belongs to some ids. */
export interface PersonKeys {
  keys: string[];
  /** Ids of visitors that more than one person signed in from: those people were left out. */
  shared: string[];
}

const IDS_A_QUERY = 500;

/** The keys that ids have by themselves. An id may be that of a person or of a browser: both are looked for. */
export function directKeys(make: KeyMaker, siteId: string, ids: readonly string[]): string[] {
  return ids.flatMap((id) => [make.person(siteId, id), make.visitor(siteId, id)]);
}

/**
 * Follows the links between visitors and people in both directions: a person has every browser they signed in
 * from. A browser belongs to the person who signed in there; where several did, nobody can tell whose it is, and
 * none of them goes with it.
 */
export async function personKeys(
  database: Pick<Database, 'query'>,
  make: KeyMaker,
  siteId: string,
  ids: readonly string[],
): Promise<PersonKeys> {
  const keys = new Set<string>();
  const shared: string[] = [];
  for (let from = 0; from < ids.length; from += IDS_A_QUERY) {
    const some = ids.slice(from, from + IDS_A_QUERY);
    const people = new Set(some.map((id) => make.person(siteId, id)));
    const users = await usersOf(database, make, siteId, some);
    for (const [visitorId, owners] of users) {
      if (owners.size > 1) shared.push(visitorId);
      else for (const owner of owners) people.add(owner);
    }
    for (const key of [...people, ...some.map((id) => make.visitor(siteId, id))]) keys.add(key);
    for (const key of await visitorsOf(database, make, siteId, [...people])) keys.add(key);
  }
  return { keys: [...keys], shared };
}

/** Who signed in from these browsers: visitor id → keys of people. */
async function usersOf(
  database: Pick<Database, 'query'>,
  make: KeyMaker,
  site: string,
  visitorIds: readonly string[],
): Promise<Map<string, Set<string>>> {
  const idOf = new Map(visitorIds.map((id) => [make.visitor(site, id), id]));
  const links = await database.query<{ visitor: string; person: string }>(
    `SELECT DISTINCT toString(visitor_key) AS visitor, toString(user_key) AS person FROM turnout.identity_links
     WHERE site_id = {site:String} AND visitor_key IN {keys:Array(UInt64)}`,
    { site, keys: [...idOf.keys()].map(BigInt) },
  );
  // Rows from before there were links, or whose link is on its way.
  const rows = await database.query<{ visitor: string; person: string }>(
    `SELECT DISTINCT visitor_id AS visitor, toString(user_key) AS person FROM turnout.interactions
     WHERE site_id = {site:String} AND visitor_id IN {ids:Array(String)} AND user_id != ''`,
    { site, ids: visitorIds },
  );
  const users = new Map<string, Set<string>>();
  for (const { visitor, person } of [...links, ...rows]) {
    const id = idOf.get(visitor) ?? visitor;
    users.set(id, (users.get(id) ?? new Set()).add(person));
  }
  return users;
}

/** The browsers that these people signed in from, as keys. */
async function visitorsOf(
  database: Pick<Database, 'query'>,
  make: KeyMaker,
  site: string,
  people: readonly string[],
): Promise<string[]> {
  const keys = people.map(BigInt);
  const links = await database.query<{ visitor: string }>(
    `SELECT DISTINCT toString(visitor_key) AS visitor FROM turnout.identity_links
     WHERE site_id = {site:String} AND user_key IN {keys:Array(UInt64)}`,
    { site, keys },
  );
  const rows = await database.query<{ visitor: string }>(
    `SELECT DISTINCT visitor_id AS visitor FROM turnout.interactions
     WHERE site_id = {site:String} AND user_key IN {keys:Array(UInt64)} AND user_id != '' AND visitor_id != ''`,
    { site, keys },
  );
  return [...links.map(({ visitor }) => visitor), ...rows.map(({ visitor }) => make.visitor(site, visitor))];
}
