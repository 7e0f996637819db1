/**
 * Verification: every rollup equals a plain recount of raw, or it is said where not.
 *
 * Nothing may be written meanwhile: the caller drains and pauses its writer.
 */
import { requireClusterName } from './cluster-rows.ts';
import type { Database } from './database.ts';
import { settleFunnel } from './funnel-refresh.ts';
import { compare, type Difference, slicesOf } from './verify-compare.ts';
import { mergeDuplicates, repair } from './verify-repair.ts';
import { ROLLUPS } from './verify-rollups.ts';
import { findSurplus, type Surplus } from './verify-surplus.ts';

export type { Database } from './database.ts';
export type { Difference } from './verify-compare.ts';
export type { Surplus } from './verify-surplus.ts';

/** What {@link verify} may be told. */
export interface VerifyOptions {
  /** Rebuild what differs from raw, and verify again. */
  repair?: boolean;
  /** How many differences and duplicates to name; all are counted. 100 unless said otherwise. */
  limit?: number;
  /** Is called before each piece of work. */
  onProgress?: (progress: Progress) => void;
}

/** Where a verification is. */
export interface Progress {
  /** The rollup; `interactions` while its ids are checked. */
  table: string;
  /** The pieces of this table that are done, of `total`. */
  done: number;
  total: number;
  /** False while what was repaired is verified again. */
  first: boolean;
}

/** An id that raw holds more than once. */
export interface Duplicate {
  site_id: string;
  id: string;
  rows: number;
}

/** What a verification found. */
export interface Verification {
  /** True when no rollup differs and raw holds each id once. */
  ok: boolean;
  /** Differing values in all, by rollup. */
  tables: { table: string; differences: number }[];
  /** The first of them. */
  differences: Difference[];
  /** Ids that raw holds more than once, in all. */
  duplicates: number;
  /** The first of them. */
  duplicateIds: Duplicate[];
  /** Rows of the last 30 days that say of an order or a key what something else said first, in all. No repair deletes them. */
  surplus: number;
  /** The first of them. */
  surplusRows: Surplus[];
  /** With `repair`: what was found before. The rest of this object then says what is left. */
  repaired?: Verification;
}

/**
 * Recounts every rollup from raw and compares every value: floats to 1e-9 of their size, all else exactly.
 * Days that raw may have forgotten are left alone.
 *
 * @example
 * const { ok, differences } = await verify(database, { repair: true });
 */
export async function verify(database: Database, options: VerifyOptions = {}): Promise<Verification> {
  if (options.repair) await requireClusterName(database, 'Repairing rollups');
  const found = await pass(database, options, options.repair === true);
  if (!options.repair || found.ok) return found;

  const left = await pass(database, { ...options, onProgress: again(options.onProgress) }, false);
  return { ...left, repaired: found };
}

async function pass(database: Database, options: VerifyOptions, mend: boolean): Promise<Verification> {
  const limit = options.limit ?? 100;
  const report = (table: string, done: number, total: number) =>
    options.onProgress?.({ table, done, total, first: true });

  const surplus = await findSurplus(database);
  const { duplicates, duplicateIds } = await findDuplicates(database, limit, report);
  if (mend && duplicates > 0) await mergeDuplicates(database);

  const tables: Verification['tables'] = [];
  const differences: Difference[] = [];
  for (const rollup of ROLLUPS) {
    if (rollup.valid) await settleFunnel(database);
    let count = 0;
    const slices = await slicesOf(database, rollup);
    for (const [done, slice] of slices.entries()) {
      report(rollup.table, done, slices.length);
      const findings = await compare(database, rollup, slice, limit);
      for (const finding of findings) {
        count += finding.differences;
        differences.push(...finding.first.slice(0, limit - differences.length));
      }
      if (mend && findings.length > 0) await repair(database, rollup, slice, findings);
    }
    tables.push({ table: rollup.table, differences: count });
  }
  const ok = duplicates === 0 && tables.every((table) => table.differences === 0);
  return {
    ok,
    tables,
    differences,
    duplicates,
    duplicateIds,
    surplus: surplus.length,
    surplusRows: surplus.slice(0, limit),
  };
}

const again = (onProgress: VerifyOptions['onProgress']): VerifyOptions['onProgress'] =>
  onProgress && ((progress) => onProgress({ ...progress, first: false }));

/** Every id in a hash table at once would not fit a small machine: they are counted in pieces. */
const IDS_PER_PIECE = 5_000_000;

async function findDuplicates(
  database: Database,
  limit: number,
  report: (table: string, done: number, total: number) => void,
): Promise<{ duplicates: number; duplicateIds: Duplicate[] }> {
  const [all] = await database.query<{ rows: string }>(
    'SELECT toString(count()) AS rows FROM turnout.interactions',
  );
  const pieces = Math.max(1, Math.ceil(Number(all?.rows) / IDS_PER_PIECE));
  let duplicates = 0;
  const duplicateIds: Duplicate[] = [];
  for (let piece = 0; piece < pieces; piece++) {
    report('interactions', piece, pieces);
    const found = await database.query<{ total: string; site_id: string; id: string; rows: string }>(
      `SELECT toString(count() OVER ()) AS total, toString(site_id) AS site_id, toString(id) AS id, toString(rows) AS rows
       FROM (
         SELECT site_id, id, count() AS rows FROM turnout.interactions
         WHERE cityHash64(id) % ${pieces} = ${piece} GROUP BY site_id, id HAVING rows > 1
       ) LIMIT ${limit}`,
    );
    duplicates += Number(found[0]?.total ?? 0);
    for (const { site_id, id, rows } of found.slice(0, limit - duplicateIds.length)) {
      duplicateIds.push({ site_id, id, rows: Number(rows) });
    }
  }
  return { duplicates, duplicateIds };
}
