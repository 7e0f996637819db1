import type { Database } from './database.ts';

/** How many rows of a table a condition selects. */
export async function countRows(database: Database, table: string, condition: string): Promise<number> {
  const [row] = await database.query<{ rows: string }>(
    `SELECT toString(count()) AS rows FROM turnout.${table} WHERE ${condition}`,
  );
  return Number(row?.rows);
}
