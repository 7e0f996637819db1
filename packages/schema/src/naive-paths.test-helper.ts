/** `paths`, said once more in plain TypeScript: each visit walked through, step by step. */
import { groupBy, isOpening, type Recount, time } from './people-rows.test-helper.ts';
import type { InteractionRow } from './table.ts';

/** Where visits go that begin on a day from `from` to `to`, by site, position, step and next step. */
export function naivePaths(rows: InteractionRow[], from: string, to: string): Recount {
  const visits = groupBy(
    rows.filter((row) => row.session_id !== '' && isStep(row)),
    (row) => `${row.site_id} ${row.session_id}`,
  );
  const went = [...visits.values()].flatMap((visit) => {
    const begun = visit.map(({ local_date }) => local_date).sort()[0] as string;
    if (begun < from || begun > to) return [];
    const steps = stepsOf(visit);
    // The first ten are told; what comes after the tenth still is its next step.
    return steps.slice(0, 10).map((step, index) => ({
      here: `${visit[0]?.site_id}|${index + 1}|${step}`,
      next: steps[index + 1] ?? '',
    }));
  });
  const ways = groupBy(went, ({ here, next }) => `${here}|${next}`);
  const places = groupBy(went, ({ here }) => here);
  return new Map(
    [...ways].map(([way, sessions]) => {
      const here = places.get(sessions[0]?.here ?? '')?.length ?? 0;
      return [way, { sessions: sessions.length, rate: sessions.length / here }];
    }),
  );
}

const isStep = (row: InteractionRow) =>
  isOpening(row) || ['search', 'ticket_click', 'purchase'].includes(row.type);

/** The steps of a visit in the order in which they were made. The same step again, such as a reload, is none of its own. */
function stepsOf(visit: InteractionRow[]): string[] {
  const inOrder = [...visit].sort((a, b) => time(a) - time(b) || (a.id < b.id ? -1 : 1));
  return inOrder.map(stepOf).filter((step, index, steps) => step !== steps[index - 1]);
}

function stepOf({ type, page_path, entity_type }: InteractionRow): string {
  if (type === 'page_view') return page_path || 'page';
  return type === 'view' ? `view of ${entity_type || 'something'}` : type;
}
