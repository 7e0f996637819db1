import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmod } from 'node:fs/promises';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { anEngineForThisFile } from '../testing/engine.ts';
import { aFoundCollector } from '../testing/found-collector.ts';
import { aFolder } from '../testing/temporary.ts';

const { engine } = anEngineForThisFile();
const TURNOUT = fileURLToPath(new URL('../../bin/turnout.js', import.meta.url));

/** Runs `turnout doctor`; its findings by what they are about. */
async function doctor(dataDir: string, env: NodeJS.ProcessEnv = {}, ...flags: string[]) {
  const child = spawn(
    process.execPath,
    [TURNOUT, 'doctor', '--data-dir', dataDir, ...(flags.length > 0 ? flags : ['--port', '0'])],
    { env: { ...process.env, ...env } },
  );
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  const code = await new Promise<number | null>((done) => child.once('close', done));
  const findings = new Map<string, string>();
  for (const line of out.trimEnd().split('\n')) {
    const [, state = '', about = '', says = ''] = /^(\w+) +(.{10}) (.*)$/.exec(line) ?? [];
    findings.set(about.trim(), `${state}: ${says}`);
  }
  return { code, out, finding: (about: string) => findings.get(about) };
}

test('a new folder is nothing wrong, and everything is said that is not there yet', async () => {
  const folder = await aFolder();
  await chmod(folder, 0o700);

  const { code, finding } = await doctor(folder);

  expect(code).toBe(0);
  expect(finding('node')).toBe(`ok: ${process.versions.node}`);
  expect(finding('settings')).toContain('the development site "demo"');
  expect(finding('folder')).toContain(folder);
  expect(finding('database')).toBe('ok: the embedded engine');
  expect(finding('collector')).toMatch(/^look: none runs/);
  expect((await doctor(`${folder}/missing`)).finding('folder')).toContain('is not there yet');
});

test('settings that are wrong are named, all of them, and nothing is guessed behind them', async () => {
  const { code, out } = await doctor(await aFolder(), {
    TURNOUT_TRUSTED_PROXIES: 'two',
    TURNOUT_SECRET: 'short',
  });

  expect(code).toBe(1);
  expect(out).toMatch(/^WRONG +settings +TURNOUT_TRUSTED_PROXIES must be a whole number/m);
  expect(out).toMatch(/^WRONG +settings +TURNOUT_SECRET must have at least/m);
  expect(out).not.toContain('database');
});

test('says who can be reached and who cannot: a database, and a port that somebody has', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => other.once('listening', done));
  onTestFinished(() => void other.close());
  const { port } = other.address() as { port: number };
  const env = { TURNOUT_CLICKHOUSE_URL: 'http://turnout:password@127.0.0.1:1' };

  const { code, out, finding } = await doctor(await aFolder(), env, '--port', String(port));

  expect(code).toBe(1);
  expect(finding('database')).toMatch(
    /^WRONG: TURNOUT_CLICKHOUSE_URL: http:\/\/127\.0\.0\.1:1 cannot be reached/,
  );
  expect(finding('port')).toContain(`WRONG: Port ${port} on 127.0.0.1 is in use.`);
  expect(out).not.toContain('password');
});

test('a collector that runs is asked how it is, and its tables what came and what was rejected', async () => {
  const { collector, dataDir, env } = await aFoundCollector(engine());
  const { url } = collector;
  const empty = await doctor(dataDir, env);

  expect(empty.code).toBe(0);
  expect(empty.finding('database')).toMatch(/^ok: ClickHouse \d+\.\d+\S* at http:/);
  expect(empty.finding('collector')).toBe(`ok: process ${process.pid} at ${url} takes batches`);
  expect(empty.finding('script')).toBe(`ok: ${url}/t.js`);
  expect(empty.finding('arrivals')).toContain('look: nothing came within a day');
  expect(empty.out).not.toContain(engine().password);

  const some = (type: string) => ({ id: randomUUID(), type, occurred_at: Date.now() });
  await fetch(`${url}/v1/interactions?key=wk_demo&attempt=0`, {
    method: 'POST',
    body: JSON.stringify({
      batch_id: randomUUID(),
      visitor_id: 'v',
      session_id: randomUUID(),
      interactions: [some('like'), some('lick'), some('lick'), some('lick')],
    }),
  });

  await expect
    .poll(async () => (await doctor(dataDir, env)).finding('arrivals'), { timeout: 60_000, interval: 500 })
    .toMatch(/^WRONG: 1 interactions within a day, the last \d+ s ago; 3 rejected \(75\.0 %\)$/);
  const { code, finding } = await doctor(dataDir, env);
  expect(code).toBe(1);
  expect(finding('rejected')).toMatch(/^look: 3 as "unknown_type", such as: "type" is "lick"/);
});
