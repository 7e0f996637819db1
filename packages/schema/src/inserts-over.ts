import type { Database } from './database.ts';

const LOOK_EVERY_MS = 50;

/** Resolves when every insert that runs now, on any machine, is over: it may be between raw and its rollups. */
export async function insertsOver(database: Database, signal?: AbortSignal): Promise<void> {
  let running = await insertsOf(database);
  while (running.size > 0 && !signal?.aborted) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    const still = await insertsOf(database);
    running = new Set([...running].filter((id) => still.has(id)));
  }
}

/** Before rows go for good: what was planned before anybody heard of it may be arriving still. */
const PATIENCE_MS = 60_000;

/** @throws Error when inserts run on and on: nothing can be promised about what they bring. */
export async function requireInsertsOver(database: Database, patienceMs = PATIENCE_MS): Promise<void> {
  const signal = AbortSignal.timeout(patienceMs);
  await insertsOver(database, signal);
  if (signal.aborted)
    throw new Error(
      `An insert has been running for more than ${Math.round(patienceMs / 1000)} s, and may bring back what would be deleted now: nothing was. Ask again when it is over.`,
    );
}

async function insertsOf(database: Database): Promise<Set<string>> {
  const processes =
    database.cluster === undefined
      ? 'system.processes'
      : `clusterAllReplicas('${database.cluster}', system.processes)`;
  const rows = await database.query<{ id: string }>(
    `SELECT query_id AS id FROM ${processes} WHERE query_kind = 'Insert' AND position(query, 'turnout.') > 0`,
  );
  return new Set(rows.map(({ id }) => id));
}
