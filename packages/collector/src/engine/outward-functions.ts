import type { Session } from 'chdb';

/** Table functions that make rows out of nothing, or read only what the database has. */
const INWARD = new Set([
  'generate_series',
  'generateseries',
  'merge',
  'null',
  'numbers',
  'numbers_mt',
  'primes',
  'values',
  'view',
  'zeros',
  'zeros_mt',
]);

/**
 * The functions that may reach files, other servers or programs, in lower case: every table function of
 * this very engine but the harmless ones, so that a newer engine brings no surprise. `file` is in the list
 * and a scalar function as well; `catboostEvaluate` loads a library.
 */
export async function outwardFunctions(session: Session): Promise<ReadonlySet<string>> {
  const result = await session.queryAsync('SELECT lower(name) AS name FROM system.table_functions', {
    format: 'TSV',
  });
  const names = result
    .text()
    .split('\n')
    .filter((name) => name !== '' && !INWARD.has(name));
  if (!names.includes('file'))
    throw new Error('The engine does not list its table functions: its SQL port cannot be guarded.');
  return new Set([...names, 'catboostevaluate']);
}
