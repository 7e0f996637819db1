import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { anEngineForThisFile } from '../testing/engine.ts';
import { aRow } from '../testing/rows.ts';
import { aFolder } from '../testing/temporary.ts';

const { engine, database } = anEngineForThisFile();
const TURNOUT = fileURLToPath(new URL('../../bin/turnout.js', import.meta.url));

/** Runs `turnout verify` on the engine of this file as if it were a server. */
async function verify(...flags: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const folder = await aFolder();
  const { host } = new URL(engine().url());
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [TURNOUT, 'verify', '--data-dir', folder, ...flags], {
      env: { ...process.env, TURNOUT_CLICKHOUSE_URL: `http://turnout:${engine().password}@${host}` },
    });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    child.once('close', (code) => resolve({ code, out, err }));
  });
}

test('shows its progress, names what differs by table and day, exits 1, and repairs on demand', async () => {
  const row = aRow();
  await database().insertBlock(
    'turnout.interactions',
    '019b7706-0000-4000-8000-000000000001',
    Buffer.from(`${JSON.stringify({ ...row, batch: '019b7706-0000-4000-8000-000000000001' })}\n`),
  );
  const well = await verify();
  expect(well).toMatchObject({ code: 0, out: expect.stringContaining('Every rollup equals its recount') });
  expect(well.err).toMatch(/^user_day: 1 of \d+$/m);

  await database().command('ALTER TABLE turnout.user_day DELETE WHERE 1 SETTINGS mutations_sync = 2');
  const differing = await verify();
  expect(differing.code).toBe(1);
  expect(differing.out).toMatch(/^DIFFERS {2}user_day: [1-9]/m);
  expect(differing.out).toMatch(/^ok {7}entity_day$/m);
  expect(differing.out).toContain(row.local_date);

  const repaired = await verify('--repair');
  // Whoever runs it on a schedule hears that there was something to repair.
  expect(repaired).toMatchObject({ code: 1, out: expect.stringContaining('Found before the repair:') });
  expect(await verify()).toMatchObject({ code: 0 });
});
