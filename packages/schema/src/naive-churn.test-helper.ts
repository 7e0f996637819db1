/** `churn_risk`, said once more in plain TypeScript: two months of each person, held beside one another. */
import { byPerson, type Clock, dayNumber, groupBy, type Recount, time } from './people-rows.test-helper.ts';
import type { InteractionRow } from './table.ts';

/** How likely each person is to stay away, and why. */
export function naiveChurn(rows: InteractionRow[], clock: Clock): Recount {
  const begun = daysOfVisits(rows);
  return new Map(
    [...byPerson(rows)].map(([person, theirs]) => [person, churnOf(theirs, begun.get(person) ?? [], clock)]),
  );
}

function churnOf(rows: InteractionRow[], visits: string[], clock: Clock) {
  const age = (day: string) => dayNumber(clock.today) - dayNumber(day);
  const recent = (days: string[]) => days.filter((day) => age(day) < 30).length;
  const before = (days: string[]) => days.filter((day) => age(day) >= 30 && age(day) < 60).length;
  // A refund is done to people who may be gone already: no sign that they come.
  const active = rows.filter(({ type }) => type !== 'refund').map(({ local_date }) => local_date);
  const last_purchase = lastOf(rows.filter(({ type }) => type === 'purchase').map((row) => row.local_date));
  const searches = searchesOf(rows).filter(({ day }) => age(day) < 30);
  const abandoned = searches.filter(({ isChosen }) => !isChosen).length;

  const parts = {
    falling_engagement: fall(recent(active), before(active)),
    fewer_sessions: fall(recent(visits), before(visits)),
    no_recent_purchase: last_purchase === null ? 1 : Math.min(1, Math.max(0, age(last_purchase) / 180)),
    abandoned_searches: searches.length === 0 ? 0 : abandoned / searches.length,
  };
  return {
    ...parts,
    ...reasonsOf(parts),
    churn_risk:
      0.4 * parts.falling_engagement +
      0.2 * parts.fewer_sessions +
      0.25 * parts.no_recent_purchase +
      0.15 * parts.abandoned_searches,
    interactions_30: recent(active),
    interactions_previous_30: before(active),
    sessions_30: recent(visits),
    sessions_previous_30: before(visits),
    last_purchase,
    searches_30: searches.length,
    last_active: lastOf(active),
  };
}

/**
 * The reasons by name, and how strong each is, strongest first.
 *
 * Apart, because which of two equally strong reasons stands first is nobody's promise.
 */
export function reasonsOf(parts: { [part: string]: number }, reasons = strongOnes(parts)) {
  const strengths = reasons.map((reason) => parts[reason] ?? Number.NaN);
  return { reasons: [...reasons].sort(), strengths };
}

const strongOnes = (parts: { [part: string]: number }) =>
  Object.entries(parts)
    .filter(([, strength]) => strength >= 0.5)
    .sort(([, a], [, b]) => b - a)
    .map(([reason]) => reason);

/** How far a month stays behind the one before. */
function fall(recent: number, before: number): number {
  if (recent + before === 0) return 1;
  return before === 0 ? 0 : 1 - Math.min(1, recent / before);
}

const lastOf = (days: string[]) => [...days].sort().at(-1) ?? null;
const firstOf = (rows: InteractionRow[]) => rows.map(({ local_date }) => local_date).sort()[0] as string;

/** The days on which each person began visits: a visit is of who did the first thing in it, also when others go on. */
function daysOfVisits(rows: InteractionRow[]): Map<string, string[]> {
  const visits = groupBy(
    rows.filter(({ session_id }) => session_id !== ''),
    (row) => `${row.site_id} ${row.session_id}`,
  );
  const days = new Map<string, string[]>();
  for (const visit of visits.values()) {
    const first = visit.reduce((a, b) => (time(b) < time(a) ? b : a));
    const person = `${first.site_id} ${first.user_key}`;
    days.set(person, [...(days.get(person) ?? []), firstOf(visit)]);
  }
  return days;
}

/** The searches of a person: the day of each, and whether a result was chosen. A choice alone is no search. */
function searchesOf(rows: InteractionRow[]): { day: string; isChosen: boolean }[] {
  const related = rows.filter(({ type, search_id }) => type === 'search' || (type === 'click' && search_id));
  return [...groupBy(related, (row) => row.search_id || row.id).values()]
    .filter((search) => search.some(({ type }) => type === 'search'))
    .map((search) => ({ day: firstOf(search), isChosen: search.some(({ type }) => type === 'click') }));
}
