/**
 * What is known about people and things, beside the interactions of a segment: each kind has a table of its own.
 *
 * A fact replaces an older one by its version, so that it may be stored twice and in any order.
 */
import { leftOut } from './block.ts';
import { type HalvedOptions, insertHalved } from './insert-halved.ts';
import type { LogRecord } from './log/record.ts';
import type { Plan } from './plan.ts';

const TABLES = {
  l: 'turnout.identity_links',
  p: 'turnout.people',
  e: 'turnout.entities',
  k: 'turnout.record_keys',
} as const;

/** Stores the facts of a segment, but for those that the plan leaves out. */
export async function storeFacts(
  records: readonly LogRecord[],
  plan: Plan,
  options: HalvedOptions,
): Promise<void> {
  const left = leftOut(plan);
  for (const [kind, table] of Object.entries(TABLES)) {
    const rows = records.flatMap((record, index) =>
      record.kind === kind && !left.has(index) ? [record.json] : [],
    );
    if (rows.length > 0) await insertHalved(table, `${plan.token}-${kind}`, rows, options);
  }
}
