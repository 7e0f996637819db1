import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { openDataFolder } from '../data-folder.ts';
import { aFolder } from '../testing/temporary.ts';
import { requireAnswer } from './require-answer.ts';
import { runCollector } from './serve.ts';

const TURNOUT = fileURLToPath(new URL('../../bin/turnout.js', import.meta.url));

/** Somebody on a port who accepts and never answers, as an overloaded server or a wrong firewall does. */
async function silence(): Promise<number> {
  const server = createServer(() => {});
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function run(args: string[], env: NodeJS.ProcessEnv, mostFiles?: number) {
  const folder = await aFolder();
  const command = [process.execPath, TURNOUT, ...args, '--data-dir', folder];
  const limit = mostFiles === undefined ? '' : `ulimit -n ${mostFiles}; `;
  const child = spawn('sh', ['-c', `${limit}exec "$@"`, 'sh', ...command], {
    env: { ...process.env, ...env },
  });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.err += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { child, said, ended, folder };
}

test('prints no password: not in the line for scripts, and not in what it logs', async () => {
  const port = await silence();
  const { child, said, ended } = await run(['serve', '--port', '0'], {
    TURNOUT_CLICKHOUSE_URL: `http://usr:s3cretpw@127.0.0.1:${port}/?password=s3cretpw`,
    TURNOUT_REDIS_URL: `redis://usr:s3cretpw@127.0.0.1:${port}`,
    TURNOUT_LOG_LEVEL: 'trace',
  });

  await expect.poll(() => said.out, { timeout: 60_000 }).toContain('"msg":"listening"');
  expect(JSON.parse(said.out).sql_url).toBe(`http://127.0.0.1:${port}`);
  await expect.poll(() => said.err, { timeout: 60_000 }).toContain('Redis is away');
  child.kill('SIGTERM');
  await ended;
  expect(said.out + said.err).not.toContain('s3cretpw');
});

test('loads its sites again when it is told so while it still starts', { timeout: 120_000 }, async () => {
  const file = join(await aFolder(), 'sites.json');
  const write = (key: string) =>
    writeFile(
      file,
      JSON.stringify({
        sites: [{ id: 'venue', time_zone: 'UTC', currency: 'USD', write_keys: [key], origins: [] }],
      }),
    );
  await write('wk_before');
  const { child, said, folder } = await run(['serve', '--port', '0', '--sql-port', '0'], {
    TURNOUT_SITES: file,
  });

  // The settings are read before there is a log, and the engine takes longer than that.
  await expect.poll(() => existsSync(join(folder, 'log')), { timeout: 60_000, interval: 10 }).toBe(true);
  await write('wk_after');
  child.kill('SIGHUP');

  await expect.poll(() => said.out, { timeout: 100_000 }).toContain('"msg":"listening"');
  const answerTo = async (key: string) =>
    (await fetch(`${JSON.parse(said.out).url}/v1/interactions?key=${key}`, { method: 'POST' })).status;
  await expect.poll(() => answerTo('wk_after'), { timeout: 60_000 }).toBe(400);
  expect(await answerTo('wk_before')).toBe(401);
});

test('outlives a lack of files in which its engine has to be replaced', { timeout: 180_000 }, async () => {
  const { said } = await run(['serve', '--port', '0', '--sql-port', '0'], {}, 500);
  await expect.poll(() => said.out, { timeout: 100_000 }).toContain('"msg":"listening"');
  const { url, pid, engine_pid } = JSON.parse(said.out);
  const { port } = new URL(url);

  const visitors = Array.from({ length: 600 }, () =>
    connect(Number(port), '127.0.0.1').on('error', () => {}),
  );
  onTestFinished(() => {
    for (const visitor of visitors) visitor.destroy();
  });
  await expect.poll(() => readdirSync(`/proc/${pid}/fd`).length, { timeout: 60_000 }).toBeGreaterThan(490);
  process.kill(engine_pid, 'SIGKILL');
  await expect.poll(() => said.err, { timeout: 60_000 }).toContain('the engine does not start; trying again');
  for (const visitor of visitors) visitor.destroy();

  const database = async () =>
    ((await (await fetch(`${url}/readyz`)).json()) as { checks: { database: string } }).checks.database;
  await expect.poll(database, { timeout: 60_000 }).toBe('ok');
});

test('says first and only that its port is in use', async () => {
  const port = await silence();
  const { said, ended } = await run(['serve', '--port', String(port)], {
    TURNOUT_CLICKHOUSE_URL: `http://usr:s3cretpw@127.0.0.1:${port}`,
  });

  expect(await ended).toBe(1);
  expect(said.err).toMatch(/^turnout: Port \d+ on 127\.0\.0\.1 is in use\.[^\n]*\n$/);
});

test('does not wait for ever for a database that never answers, and names it without its password', async () => {
  const url = `http://usr:s3cretpw@127.0.0.1:${await silence()}`;

  const failure = await requireAnswer(url, 100).catch(String);
  expect(failure).toMatch(/TURNOUT_CLICKHOUSE_URL: http:\/\/127\.0\.0\.1:\d+ does not answer within 0\.1 s/);
  expect(failure).not.toContain('s3cretpw');
  expect(await requireAnswer('http://usr:s3cretpw@127.0.0.1:1').catch(String)).toMatch(
    /127\.0\.0\.1:1 cannot be reached/,
  );
});

test('ends every command that needs the database with that', { timeout: 90_000 }, async () => {
  const TURNOUT_CLICKHOUSE_URL = `http://usr:s3cretpw@127.0.0.1:${await silence()}`;
  const commands = [['migrate'], ['query', 'SELECT 1'], ['verify'], ['export-user', 'u1'], ['archive']];

  for (const started of commands.map((args) => run(args, { TURNOUT_CLICKHOUSE_URL }))) {
    const { said, ended } = await started;
    expect(await ended).toBe(1);
    expect(said.err).toContain('does not answer within 15 s');
    expect(said.out + said.err).not.toContain('s3cretpw');
  }
});

test('a collector that cannot say where it is ends, and leaves its folder to the next', async () => {
  const dataDir = await aFolder();
  await mkdir(join(dataDir, 'run.json'));

  await expect(runCollector({ dataDir, port: '0', sqlPort: '0' }, {})).rejects.toThrow('run.json');

  await (await openDataFolder(dataDir)).release();
});
