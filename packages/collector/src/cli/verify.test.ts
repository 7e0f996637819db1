import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { aDatabaseProxy } from '../testing/database-proxy.ts';
import { anEngineForThisFile } from '../testing/engine.ts';
import { aRow } from '../testing/rows.ts';
import { aFolder } from '../testing/temporary.ts';

const { engine, database } = anEngineForThisFile();
const TURNOUT = fileURLToPath(new URL('../../bin/turnout.js', import.meta.url));

const addressOf = (url: string) => `http://turnout:${engine().password}@${new URL(url).host}`;

/** Runs `turnout verify` on the engine of this file as if it were a server. */
const verify = async (...flags: string[]) => verifyIn(await aFolder(), ...flags);

function verifyIn(
  folder: string,
  ...flags: string[]
): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [TURNOUT, 'verify', '--data-dir', folder, ...flags], {
      env: { ...process.env, TURNOUT_CLICKHOUSE_URL: addressOf(engine().url()) },
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

/** `turnout serve` in a process of its own, with that database. */
async function serve(folder: string, databaseUrl: string) {
  const child = spawn(
    process.execPath,
    [TURNOUT, 'serve', '--port', '0', '--sql-port', '0', '--data-dir', folder],
    {
      env: { ...process.env, TURNOUT_CLICKHOUSE_URL: addressOf(databaseUrl) },
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    child.kill(signal);
    await ended;
  };
  onTestFinished(() => end('SIGKILL'));
  const [line] = (await child.stdout.setEncoding('utf8').take(1).toArray()) as string[];
  return { url: (JSON.parse(line ?? '') as { url: string }).url, end };
}

test('counts nothing twice that a killed collector had half stored', { timeout: 300_000 }, async () => {
  const folder = await aFolder();
  const proxy = await aDatabaseProxy(() => engine().url());
  const half = await serve(folder, proxy.url);
  // As an engine leaves it that dies between raw and a rollup: nobody hears that the block is stored.
  await database().command('DETACH TABLE turnout.user_day_mv SYNC');
  proxy.setFault('mute');
  const batch = {
    batch_id: randomUUID(),
    visitor_id: 'half',
    session_id: 'half',
    interactions: [{ id: randomUUID(), type: 'click', occurred_at: Date.now() }],
  };
  const sent = await fetch(`${half.url}/v1/interactions?key=wk_demo`, {
    method: 'POST',
    body: JSON.stringify(batch),
  });
  expect(sent.status).toBe(202);
  const rows = () => database().query("SELECT id FROM turnout.interactions WHERE visitor_id = 'half'");
  await expect.poll(rows, { timeout: 60_000 }).toHaveLength(1);
  await half.end('SIGKILL');
  await database().command('ATTACH TABLE turnout.user_day_mv');

  expect(await verifyIn(folder, '--repair')).toMatchObject({ code: 0 });
  const whole = await serve(folder, engine().url());
  const log = () => readdir(join(folder, 'log'));
  await expect.poll(log, { timeout: 60_000 }).not.toContainEqual(expect.stringMatching(/\.log$/));
  await whole.end('SIGTERM');

  expect(await verifyIn(folder)).toMatchObject({ code: 0 });
});
