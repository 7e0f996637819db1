import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { askCollector } from './ask-collector.ts';
import { askLong } from './ask-long.ts';

async function aServer(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.closeAllConnections();
    return new Promise((done) => server.close(() => done()));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const DISPATCHER = Symbol.for('undici.globalDispatcher.1');

/** Has `fetch` lose its patience after one second instead of after five minutes. */
async function hurryFetch(): Promise<void> {
  const place = globalThis as unknown as { [DISPATCHER]: object };
  await fetch('data:,').then((response) => response.text());
  const before = place[DISPATCHER];
  const Agent = before.constructor as new (limits: object) => object;
  place[DISPATCHER] = new Agent({ headersTimeout: 1_000, bodyTimeout: 1_000 });
  onTestFinished(() => {
    place[DISPATCHER] = before;
  });
}

test('waits for a collector that works longer than fetch has patience, before its answer and within it', async () => {
  await hurryFetch();
  const impatient = () =>
    fetch(url, { method: 'POST', headers: { 'X-Fetch': '1' } }).then((response) => response.text());
  const url = await aServer(async (request, response) => {
    if (request.headers['x-fetch']) return;
    await impatient().catch(() => undefined);
    response.write('{"progress":{"step":"copying the database"}}\n');
    await impatient().catch(() => undefined);
    response.end('{"manifest":1}\n');
  });
  const steps: object[] = [];

  const said = await askCollector({ url, admin_token: 'token' }, '/v1/admin/backup', (step) =>
    steps.push(step as object),
  );

  await expect(impatient()).rejects.toThrow();
  expect(steps).toEqual([{ step: 'copying the database' }]);
  expect(said).toEqual({ manifest: 1 });
});

test('says that the collector went away: before it answered, and in the middle', async () => {
  const url = await aServer((request, response) => {
    if (request.url === '/at-once') return request.socket.destroy();
    response.write('{"progress":{"step":1}}\n{"progr', () => request.socket.destroy());
  });
  const run = { url, admin_token: 'token' };

  await expect(askLong(`${url}/at-once`, { headers: {} })).rejects.toThrow(
    'The collector went away before it answered (socket hang up). See that it runs, then give the command again.',
  );
  await expect(askCollector(run, '/', () => {})).rejects.toThrow(
    'The collector stopped before the work was done. Give the command again when it runs.',
  );
});
