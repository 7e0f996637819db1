/** Where a view and its naive recount differ, in words: which row, which column, and both values. */
import type { Recount, Told } from './people-rows.test-helper.ts';

/**
 * The differences between what a view says and what a recount says. Columns that the recount does not have are left out.
 *
 * Numbers that fade are fractions of a second apart, for the engine reads its clock more than once in a query: a
 * millionth is more than any of them fades in a second.
 */
export function differencesOf(view: string, said: Recount, counted: Recount): string[] {
  return [...new Set([...said.keys(), ...counted.keys()])].flatMap((name) => {
    const row = said.get(name);
    const recount = counted.get(name);
    if (!row) return [`${view} has no row "${name}"; the recount has ${JSON.stringify(recount)}`];
    if (!recount) return [`${view} has a row "${name}" that the recount has not: ${JSON.stringify(row)}`];
    return Object.entries(recount)
      .filter(([column, value]) => !isSame(row[column], value))
      .map(
        ([column, value]) =>
          `${view}, row "${name}": ${column} is ${JSON.stringify(row[column])} in the view and ${JSON.stringify(value)} in the recount`,
      );
  });
}

function isSame(said: Told | undefined, counted: Told): boolean {
  if (typeof said === 'number' && typeof counted === 'number')
    return Math.abs(said - counted) <= 1e-6 * Math.max(1, Math.abs(counted));
  if (typeof said !== 'object' || typeof counted !== 'object' || said === null || counted === null)
    return said === counted;
  const [a, b] = [Object.entries(said), Object.entries(counted)];
  return (
    a.length === b.length &&
    a.every(([key, value], index) => key === b[index]?.[0] && isSame(value, b[index]?.[1] ?? null))
  );
}
