/**
 * Two collectors count their limits together in a real Redis, which then hangs, goes on, dies and comes back.
 *
 * Needs the built packages and `redis-server` in PATH, which is why it is no test: `node scripts/prove-redis-limits.mjs`.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const TURNOUT = fileURLToPath(new URL('../packages/collector/bin/turnout.js', import.meta.url));
/** Longer than a second, which is a window, and than the five that a failed Redis is left alone. */
const [WINDOW_MS, REST_MS] = [1_100, 6_000];
const RATE = 10;
const SITE = {
  id: 'club',
  time_zone: 'UTC',
  currency: 'USD',
  origins: [],
  write_keys: [
    { key: 'wk_rate', rate: RATE },
    { key: 'wk_quota', daily_quota: 50 },
  ],
};

const folder = await mkdtemp(join(tmpdir(), 'turnout-redis-'));
const sites = join(folder, 'sites.json');
await writeFile(sites, JSON.stringify({ sites: [SITE] }));
const port = await freePort();
let redis = startRedis();
const collectors = [await startCollector('a'), await startCollector('b')];
try {
  await pause(WINDOW_MS);
  await check('both together keep to the rate', 'wk_rate', RATE);
  await check('both together keep to the quota', 'wk_quota', 50, 10);
  redis.kill('SIGSTOP');
  await pause(WINDOW_MS);
  await check('Redis hangs: each counts alone', 'wk_rate', 2 * RATE);
  redis.kill('SIGCONT');
  await pause(REST_MS);
  await check('Redis goes on', 'wk_rate', RATE);
  redis.kill('SIGKILL');
  await pause(WINDOW_MS);
  await check('Redis is dead: each counts alone', 'wk_rate', 2 * RATE);
  redis = startRedis();
  await pause(2 * REST_MS);
  await check('Redis is back', 'wk_rate', RATE);
  const said = collectors[0].logged.join('').match(/Redis (is away|counts)/g);
  report('it is said once each time', said?.join(), 'Redis is away,Redis counts,Redis is away,Redis counts');
} finally {
  for (const { child } of collectors) {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  redis.kill('SIGKILL');
  await rm(folder, { recursive: true });
}

/** Sends 20 or more requests to each collector, and counts what is taken. Nothing but 202 and 429 may come. */
async function check(what, key, expected, rounds = 1) {
  const statuses = [];
  for (let round = 0; round < rounds; round += 1) {
    const requests = Array.from({ length: rounds > 1 ? 10 : 60 }, (_, at) =>
      post(collectors[at % 2].url, key),
    );
    statuses.push(...(await Promise.all(requests)));
  }
  const taken = statuses.filter((status) => status === 202).length;
  const odd = statuses.filter((status) => status !== 202 && status !== 429);
  report(`${what} (${taken} of ${statuses.length} taken)`, [taken, ...odd].join(), String(expected));
}

function report(what, got, expected) {
  const isRight = got === expected;
  console.log(`${isRight ? 'ok  ' : 'FAIL'} ${what}${isRight ? '' : `: ${got}, not ${expected}`}`);
  if (!isRight) process.exitCode = 1;
}

async function post(url, key) {
  const interactions = [{ id: randomUUID(), type: 'page_view', occurred_at: Date.now() }];
  const batch = { batch_id: randomUUID(), visitor_id: 'fan', session_id: randomUUID(), interactions };
  const response = await fetch(`${url}/v1/interactions?key=${key}&attempt=0`, {
    method: 'POST',
    body: JSON.stringify(batch),
  });
  await response.arrayBuffer();
  return response.status;
}

function startRedis() {
  const flags = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  return spawn('redis-server', flags, { stdio: 'ignore' });
}

async function startCollector(name) {
  const flags = ['serve', '--port', '0', '--sql-port', '0', '--data-dir', join(folder, name)];
  const env = { ...process.env, TURNOUT_SITES: sites, TURNOUT_REDIS_URL: `redis://127.0.0.1:${port}` };
  const child = spawn(process.execPath, [TURNOUT, ...flags], { env });
  const logged = [];
  child.stderr.on('data', (text) => logged.push(String(text)));
  const ended = once(child, 'exit').then(() => Promise.reject(new Error(logged.join(''))));
  const [line] = await Promise.race([once(child.stdout, 'data'), ended]);
  ended.catch(() => {}); // It ends at the end.
  return { child, logged, url: JSON.parse(line).url };
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
