import { askBriefly } from './ask-briefly.ts';
import type { WritableDatabase } from './writable-database.ts';

/** How long the slowest query that is under way has been running, in seconds; undefined when the database does not answer in time. */
export async function longestQuerySeconds(
  database: Pick<WritableDatabase, 'query'>,
): Promise<number | undefined> {
  const rows = await askBriefly((signal) =>
    database.query<{ seconds: number }>(
      `SELECT toFloat64(max(elapsed)) AS seconds FROM system.processes
       WHERE query_kind = 'Select' AND is_initial_query AND query_id != queryID()`,
      undefined,
      signal,
    ),
  );
  return rows?.[0]?.seconds;
}
