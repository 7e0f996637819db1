/**
 * What is known about people and things, beside the interactions of a segment: each kind has a table of its own.
 *
 * A fact replaces an older one by its version, so that it may be stored twice and in any order.
 */

import type { LogRecord } from './log/record.ts';
import type { Plan } from './plan.ts';
import { isDataError } from './refused.ts';
import type { WritableDatabase } from './writable-database.ts';

const TABLES = { l: 'turnout.identity_links', p: 'turnout.people', e: 'turnout.entities' } as const;
const LINE_BREAK = Buffer.from('\n');

export interface FactOptions {
  database: WritableDatabase;
  /** Is told of facts that the database refuses. They are left out. */
  onFactRefused?: (details: { table: string; message: string }) => void;
}

/** Stores the facts of a segment, but for those that the plan leaves out. */
export async function storeFacts(
  records: readonly LogRecord[],
  plan: Plan,
  options: FactOptions,
): Promise<void> {
  const erased = new Set(plan.erased);
  for (const [kind, table] of Object.entries(TABLES)) {
    const rows = records.flatMap((record, index) =>
      record.kind === kind && !erased.has(index) ? [record.json] : [],
    );
    if (rows.length > 0) await insert(table, `${plan.token}-${kind}`, rows, options);
  }
}

/** A refused block is halved until the rows at fault stand alone: nothing may stop the segments behind. */
async function insert(
  table: string,
  token: string,
  rows: readonly Buffer[],
  options: FactOptions,
): Promise<void> {
  try {
    await options.database.insertBlock(table, token, Buffer.concat(rows.flatMap((row) => [row, LINE_BREAK])));
  } catch (error) {
    if (!isDataError(error)) throw error;
    if (rows.length === 1) {
      options.onFactRefused?.({ table, message: (error as Error).message.slice(0, 500) });
      return;
    }
    const middle = Math.floor(rows.length / 2);
    await insert(table, `${token}a`, rows.slice(0, middle), options);
    await insert(table, `${token}b`, rows.slice(middle), options);
  }
}
