import { interactionBlock, leftOut } from './block.ts';
import { isInteraction, type LogRecord } from './log/record.ts';
import type { Plan } from './plan.ts';
import { DatabaseError, type WritableDatabase } from './writable-database.ts';

/** A block was refused and no row of it explains why. It is tried again, and a person should look. */
export class InsertRefused extends Error {}

/**
 * Errors about the rows themselves: parsing (6, 26, 27, 38, 41, 72, 117, 130, 441, 467), types and bounds
 * (33, 53, 69, 70, 128, 131, 190, 321, 349, 407), JSON that does not fit (15, 636). The database raises them
 * before it writes anything. Everything else may pass by itself and is tried again.
 */
const DATA_ERRORS = new Set([
  6, 15, 26, 27, 33, 38, 41, 53, 69, 70, 72, 117, 128, 130, 131, 190, 321, 349, 407, 441, 467, 636,
]);

/** True when the rows are at fault: the same block would be refused for ever. */
export function isDataError(error: unknown): boolean {
  return error instanceof DatabaseError && DATA_ERRORS.has(error.code);
}

const STAGING = 'turnout.interactions_check';

/**
 * Finds the rows that the database refuses by inserting ever smaller parts into a table that keeps
 * nothing and has no views.
 */
export async function findRefused(
  database: WritableDatabase,
  records: readonly LogRecord[],
  plan: Plan,
): Promise<Plan['refused']> {
  await database.command(`CREATE TABLE IF NOT EXISTS ${STAGING} AS turnout.interactions ENGINE = Null`);
  const left = leftOut(plan);
  const indexes = [...records.entries()].flatMap(([index, record]) =>
    isInteraction(record) && !left.has(index) ? [index] : [],
  );
  return search(indexes);

  async function search(part: readonly number[]): Promise<Plan['refused']> {
    const chosen = part.flatMap((index) => records[index] ?? []);
    // None of them is left out: the indexes of the plan are those of the segment.
    const all = { ...plan, duplicates: [], refused: [], retold: [], erased: [] };
    const block = await interactionBlock(chosen, all);
    try {
      await database.insertBlock(STAGING, `${plan.token}-check`, block);
      return [];
    } catch (error) {
      if (!isDataError(error)) throw error;
      const [only, ...others] = part;
      if (only !== undefined && others.length === 0)
        return [{ index: only, message: (error as Error).message.slice(0, 500) }];
      const middle = Math.floor(part.length / 2);
      return [...(await search(part.slice(0, middle))), ...(await search(part.slice(middle)))];
    }
  }
}
