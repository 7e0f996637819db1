import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Progress, type Verification, verify as verifyDatabase } from '@turnout/schema/verify';
import { defineCommand } from 'citty';
import { readConfig } from '../config.ts';
import { openDisk } from '../log/disk.ts';
import { blocksUnderWay } from '../plan.ts';
import { findRunning, type RunFile } from '../run-file.ts';
import { askCollector } from './ask-collector.ts';
import { dataDirArgument } from './settings.ts';
import { withCollector } from './with-collector.ts';
import { withDatabase } from './with-database.ts';

export const verify = defineCommand({
  meta: { name: 'verify', description: 'Recount every rollup from raw and print what differs' },
  args: {
    repair: { type: 'boolean', description: 'Rebuild what differs', default: false },
    ...dataDirArgument,
  },
  run: async ({ args }) => {
    const { dataDir } = readConfig({ dataDir: args['data-dir'] }, process.env);
    const running = await findRunning(dataDir);
    const verification = running
      ? await askVerification(running, args.repair)
      : await verifyAlone(args['data-dir'], dataDir, args.repair);
    process.stdout.write(report(verification));
    // After a repair, too: whoever runs this on a schedule should hear that there was something to repair.
    if (!verification.ok || verification.repaired) process.exitCode = 1;
  },
});

async function verifyAlone(
  given: string | undefined,
  dataDir: string,
  repair: boolean,
): Promise<Verification> {
  // A crash left a block that raw may have and a rollup not. What is counted anew from raw now, the next start would
  // count once more: so the block is stored first, by a collector.
  if (await isHalfStored(join(dataDir, 'log'))) {
    process.stderr.write('storing what the last run began\n');
    return withCollector(given, ({ url, token }) => askVerification({ url, admin_token: token }, repair));
  }
  return withDatabase(given, (database) => verifyDatabase(database, { repair, onProgress: showProgress }), {
    mustExist: true,
  });
}

const isHalfStored = async (log: string) =>
  existsSync(log) && (await blocksUnderWay(await openDisk(log))).length > 0;

function showProgress({ table, done, total }: Progress): void {
  process.stderr.write(`${table}: ${done + 1} of ${total}\n`);
}

async function askVerification(
  run: Pick<RunFile, 'url' | 'admin_token'>,
  repair: boolean,
): Promise<Verification> {
  const path = `/v1/admin/verify?repair=${repair}`;
  return (await askCollector<Progress, { verification: Verification }>(run, path, showProgress)).verification;
}

function report(found: Verification): string {
  const { ok, tables, differences, duplicates, duplicateIds, surplus, surplusRows, repaired } = found;
  const lines = repaired ? [`Found before the repair:`, report(repaired).trimEnd(), '', 'After it:'] : [];
  for (const { table, differences: count } of tables)
    lines.push(`${count === 0 ? 'ok      ' : 'DIFFERS '} ${table}${count === 0 ? '' : `: ${count} values`}`);
  for (const difference of differences) lines.push(`  ${JSON.stringify(difference)}`);
  if (duplicates > 0) lines.push(`DOUBLED  ${duplicates} ids stand in raw more than once`);
  for (const duplicate of duplicateIds) lines.push(`  ${JSON.stringify(duplicate)}`);
  if (surplus > 0)
    lines.push(
      `SURPLUS  ${surplus} rows say of an order or a key what another told first: both count. See "Several collectors" in docs/operations.md.`,
    );
  for (const row of surplusRows) lines.push(`  ${JSON.stringify(row)}`);
  lines.push(
    ok
      ? 'Every rollup equals its recount from raw.'
      : 'Something differs. "turnout verify --repair" rebuilds it from raw.',
  );
  return `${lines.join('\n')}\n`;
}
