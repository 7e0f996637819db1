import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';

const AUDIT = fileURLToPath(new URL('audit.mjs', import.meta.url));

/** A registry that knows holes, or that answers as one without an audit does. */
async function aRegistry(status: number, holes: object = {}): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const isAudit = request.url?.endsWith('/advisories/bulk') ?? false;
      const bytes = Buffer.concat(chunks);
      if (isAudit) asked.push(String(bytes[0] === 0x1f ? gunzipSync(bytes) : bytes));
      response.writeHead(isAudit ? status : 404, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(holes));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, asked };
}

function audit(registry: string): Promise<{ code: number | null; said: string }> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [AUDIT, '60000'], {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      env: {
        ...process.env,
        npm_config_registry: registry,
        npm_config_cache: '/dev/null/none',
        AUDIT_PATIENCE_MS: '60000',
      },
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
    child.once('close', (code) => done({ code, said }));
  });
}

const aHole = (severity: string) => ({
  hono: [
    {
      id: 1,
      url: 'https://example.com/advisory',
      title: 'Lets everybody in',
      severity,
      vulnerable_versions: '>=0',
    },
  ],
});

test('a grave hole in what users install fails the check, by name', async () => {
  const registry = await aRegistry(200, aHole('high'));

  const { code, said } = await audit(registry.url);

  expect(said).toContain('high: hono: Lets everybody in https://example.com/advisory');
  expect(code).toBe(1);
  expect(registry.asked.join()).toContain('"hono"');
});

test('nothing known, or nothing grave, passes', async () => {
  for (const holes of [{}, aHole('moderate')]) {
    expect(await audit((await aRegistry(200, holes)).url)).toEqual({
      code: 0,
      said: 'No known grave holes in what users install.\n',
    });
  }
});

test('a registry that cannot be asked is no failure, and is not passed over in silence', async () => {
  const unreachable = 'http://127.0.0.1:1/';
  for (const url of [unreachable, (await aRegistry(405)).url, (await aRegistry(500)).url]) {
    const { code, said } = await audit(url);
    expect([code, said]).toEqual([0, expect.stringMatching(/^NOT AUDITED: /)]);
  }
});
