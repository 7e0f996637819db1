/**
 * Makes the archive of a data directory as an older version leaves it, for `upgrade.e2e.test.ts`:
 *
 *   node e2e/upgrade/make-data-directory.mjs <folder of the older version, built> e2e/upgrade/<its name>.tgz
 *
 * The older collector stores what was sent, and dies with more of it in its log.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { IN_THE_LOG, INTERACTIONS_A_VISIT, post, STORED, THEN } from './traffic.mjs';

const [checkout = '', archive = ''] = process.argv.slice(2);
const turnout = join(resolve(checkout), 'packages/collector/bin/turnout.js');
const clock = fileURLToPath(new URL('clock.mjs', import.meta.url));
const dataDir = await mkdtemp(join(tmpdir(), 'turnout-older-'));

async function start() {
  const child = spawn(
    process.execPath,
    [turnout, 'serve', '--port', '0', '--sql-port', '0', '--data-dir', dataDir],
    {
      env: {
        ...process.env,
        NODE_OPTIONS: `--import ${clock}`,
        TURNOUT_TEST_TIME: new Date(THEN).toISOString(),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const line = await new Promise((ready) => child.stdout.setEncoding('utf8').once('data', ready));
  const ended = new Promise((exit) => child.once('exit', exit));
  return { ...JSON.parse(line), child, ended };
}

const ask = async (url, sql) => (await fetch(url, { method: 'POST', body: sql })).text();

const first = await start();
for (const batch of STORED) await post(first.url, batch);
const all = String(STORED.length * INTERACTIONS_A_VISIT);
while ((await ask(first.sql_url, 'SELECT count() FROM interactions')).trim() !== all)
  await new Promise((later) => setTimeout(later, 100));
const said = await ask(first.sql_url, 'SELECT version(), (SELECT max(name) FROM turnout.migrations)');
process.stdout.write(`stored ${all} interactions with ${said}`);
first.child.kill('SIGTERM');
await first.ended;

// Its engine stands still, so that what comes now stays in the log.
const second = await start();
process.kill(second.engine_pid, 'SIGSTOP');
for (const batch of IN_THE_LOG) await post(second.url, batch);
second.child.kill('SIGKILL');
process.kill(second.engine_pid, 'SIGKILL');
await second.ended;

execFileSync('tar', [
  ...['-C', dataDir, '--exclude=lock.sock', '--exclude=run.json', '--sort=name', '--owner=0', '--group=0'],
  ...['-czf', resolve(archive), '.'],
]);
