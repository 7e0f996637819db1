import { isDataError } from './refused.ts';
import type { WritableDatabase } from './writable-database.ts';

const LINE_BREAK = Buffer.from('\n');

export interface HalvedOptions {
  database: WritableDatabase;
  /** Is told of rows beside the interactions that the database refuses. They are left out. */
  onFactRefused?: (details: { table: string; message: string }) => void;
}

/** A refused block is halved until the rows at fault stand alone: nothing may stop the segments behind. */
export async function insertHalved(
  table: string,
  token: string,
  rows: readonly Buffer[],
  options: HalvedOptions,
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
    await insertHalved(table, `${token}a`, rows.slice(0, middle), options);
    await insertHalved(table, `${token}b`, rows.slice(middle), options);
  }
}
