/** `retention`, said once more in plain TypeScript: who came first when, and on which days again. */
import { byPerson, dayNumber, groupBy, isOwn, type Recount } from './people-rows.test-helper.ts';
import type { InteractionRow } from './table.ts';

export type Grain = 'day' | 'week' | 'month';

/** Of the people who came for the first time from `from` to `to`, how many came again, by site, cohort and period. */
export function naiveRetention(rows: InteractionRow[], from: string, to: string, grain: Grain): Recount {
  const came = [...byPerson(rows.filter(isOwn)).values()].flatMap((theirs) => {
    const days = theirs.map(({ local_date }) => local_date).sort();
    const [first = ''] = days;
    if (first < from || first > to) return [];
    const cohort = `${theirs[0]?.site_id} ${startOf(first, grain)}`;
    return [...new Set(days.map((day) => periods(first, day, grain)))].map((period) => ({ cohort, period }));
  });
  const sizes = groupBy(
    came.filter(({ period }) => period === 0),
    ({ cohort }) => cohort,
  );
  const cells = groupBy(came, ({ cohort, period }) => `${cohort} ${period}`);
  return new Map(
    [...cells].map(([cell, people]) => {
      const cohort_people = sizes.get(people[0]?.cohort ?? '')?.length ?? 0;
      return [cell, { people: people.length, cohort_people, rate: people.length / cohort_people }];
    }),
  );
}

/** How many weeks or months lie between those that two days are in. */
function periods(first: string, day: string, grain: Grain): number {
  if (grain === 'month') return monthNumber(day) - monthNumber(first);
  const days = dayNumber(startOf(day, grain)) - dayNumber(startOf(first, grain));
  return grain === 'week' ? days / 7 : days;
}

const monthNumber = (day: string) => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7));

function startOf(day: string, grain: Grain): string {
  if (grain === 'month') return `${day.slice(0, 7)}-01`;
  const date = new Date(day);
  // Weeks begin on Monday.
  if (grain === 'week') date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  return date.toISOString().slice(0, 10);
}
