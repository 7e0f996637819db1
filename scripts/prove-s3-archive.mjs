/**
 * `turnout archive` writes months into a bucket of a real server that speaks S3 and checks signatures, and says
 * nothing of its keys when that goes wrong.
 *
 * Needs the built packages, and installs s3rver into a temporary folder, which is why it is no test:
 * `node scripts/prove-s3-archive.mjs`.
 */
import { spawn } from 'node:child_process';
import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TURNOUT = fileURLToPath(new URL('../packages/collector/bin/turnout.js', import.meta.url));
/** s3rver knows this id, and leaves signatures of version 4 unchecked: the door in front of it checks them. */
const KEYS = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: "the/right+'secret' 7f3c9e0a\\" };
const WRONG = { ...KEYS, AWS_SECRET_ACCESS_KEY: 'a wrong secret 7f3c9e0a' };
const DAY_MS = 86_400_000;

const folder = await mkdtemp(join(tmpdir(), 'turnout-s3-'));
const dataDir = join(folder, 'data');
await mkdir(dataDir);
const objects = join(folder, 'objects');
await run('npm', ['install', '--ignore-scripts', '--no-audit', '--prefix', folder, 's3rver@3.7.1']);
const S3rver = createRequire(join(folder, 'package.json'))('s3rver');
const server = new S3rver({
  ...{ address: '127.0.0.1', port: 0, silent: true, directory: objects },
  configureBuckets: [{ name: 'bucket' }],
});
const { port } = await server.run();
const door = createServer(checked).listen(0, '127.0.0.1');
await once(door, 'listening');
const bucket = `http://127.0.0.1:${door.address().port}/bucket/turnout`;
try {
  const history = join(folder, 'history.ndjson');
  const days = [400, 399, 200, 1];
  const lines = days.map((daysAgo, n) =>
    JSON.stringify({
      ...{ id: `row-${n}`, type: 'click', occurred_at: Date.now() - daysAgo * DAY_MS, user_id: 'anna' },
      ...{ entity_type: 'event', entity_id: 'e1' },
    }),
  );
  await writeFile(history, lines.join('\n'));
  await turnout(['import', history, '--key', 'wk_demo'], {});
  const months = [...new Set(days.map(monthOf))].filter(isClosed);

  // Twice: the second takes the place of the first.
  for (const time of ['once', 'again']) {
    const { code, out, err } = await turnout(['archive', '--to', bucket], KEYS);
    report(`archived ${time}`, code, 0);
    report('each month is named', out.trim().split('\n').length, months.length);
    // Of a month that is over, and not closed, it says so.
    report('the log says nothing else', err.replace(/^.* is not archived yet: .*\n/gm, ''), '');
  }
  const files = readdirSync(join(objects, 'bucket', 'turnout')).filter((name) =>
    name.endsWith('._S3rver_object'),
  );
  report('an object for each month', files.map((name) => name.slice(13, 20)).join(), months.sort().join());
  report('their rows', await rowsIn(files), days.filter((daysAgo) => isClosed(monthOf(daysAgo))).length);

  await refused('a wrong secret', bucket, WRONG);
  await refused('a bucket that is none', bucket.replace('bucket', 'none'), KEYS);
  door.close();
  door.closeAllConnections();
  await refused('a server that is away', bucket, KEYS);
} finally {
  door.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
}

/** Closed 15 days after its end, or not. */
function isClosed(month) {
  const [year, number] = month.split('-').map(Number);
  return Date.UTC(year, number) + 15 * DAY_MS <= Date.now();
}

function monthOf(daysAgo) {
  return new Date(Date.now() - daysAgo * DAY_MS).toISOString().slice(0, 7);
}

/** Answers what is signed with the right secret as s3rver does, and all else with 403. */
function checked(incoming, response) {
  const chunks = [];
  incoming.on('data', (bytes) => chunks.push(bytes));
  incoming.on('end', () => {
    if (!isSigned(incoming)) {
      response.writeHead(403, { 'Content-Type': 'application/xml' });
      response.end(
        '<Error><Code>SignatureDoesNotMatch</Code><Message>The signature does not match.</Message></Error>',
      );
      return;
    }
    const { method, url: path, headers } = incoming;
    const onward = request({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.end(Buffer.concat(chunks));
  });
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
function isSigned({ method, url, headers }) {
  const found =
    /Credential=([^/]+)\/(\d+)\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=(\w+)/.exec(
      headers.authorization ?? '',
    );
  if (!found) return false;
  const [, , day, region, names, signature] = found;
  const { pathname, search } = new URL(url, 'http://door');
  // A name without a value is signed with an empty one.
  const query = search
    .slice(1)
    .split('&')
    .filter(Boolean)
    .map((pair) => (pair.includes('=') ? pair : `${pair}=`));
  const canonical = [
    ...[method, pathname, query.sort().join('&')],
    ...names.split(';').map((name) => `${name}:${headers[name].trim()}`),
    ...['', names, headers['x-amz-content-sha256']],
  ].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const digest = createHash('sha256').update(canonical).digest('hex');
  const hmac = (key, text) => createHmac('sha256', key).update(text).digest();
  const key = [day, region, 's3', 'aws4_request'].reduce(hmac, `AWS4${KEYS.AWS_SECRET_ACCESS_KEY}`);
  return (
    hmac(key, `AWS4-HMAC-SHA256\n${headers['x-amz-date']}\n${scope}\n${digest}`).toString('hex') === signature
  );
}

/** It fails within a minute, says why, and names no key. */
async function refused(what, to, keys) {
  const began = performance.now();
  const { code, out, err } = await turnout(['archive', '--to', to], keys);
  report(`${what}: exit code`, code, 1);
  report(`${what}: no secret in ${JSON.stringify(err)}`, (out + err).includes('7f3c9e0a'), false);
  report(`${what}: within a minute`, performance.now() - began < 60_000, true);
}

/** Read by an engine of its own: the objects are whole Parquet files. */
async function rowsIn(files) {
  const paths = files.map((name) => join(objects, 'bucket', 'turnout', name));
  const script = `import { Session } from 'chdb'; const session = new Session();
    let rows = 0;
    for (const path of ${JSON.stringify(paths)}) rows += Number(session.query("SELECT count() FROM file('" + path + "', Parquet)", 'TSV'));
    console.log(rows); session.close();`;
  const cwd = fileURLToPath(new URL('../packages/collector', import.meta.url));
  return Number((await run(process.execPath, ['--input-type=module', '-e', script], { cwd })).out);
}

async function turnout(args, keys) {
  return run(process.execPath, [TURNOUT, ...args, '--data-dir', dataDir], { keys });
}

async function run(command, args, { keys = {}, cwd } = {}) {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...keys },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (bytes) => {
    out += bytes;
  });
  child.stderr.on('data', (bytes) => {
    err += bytes;
  });
  const [code] = await once(child, 'close');
  return { code, out, err };
}

function report(what, is, expected) {
  const ok = is === expected;
  console.log(`${ok ? 'ok ' : 'NOT'} ${what}${ok ? '' : `: ${is}, not ${expected}`}`);
  if (!ok) process.exitCode = 1;
}
