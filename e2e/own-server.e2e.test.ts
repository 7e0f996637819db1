import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { aDataDirWithTables, runTurnout } from './collector.ts';

const EXAMPLE = fileURLToPath(new URL('../examples/own-server', import.meta.url));

/** An example as a process of its own, which says on standard output where it listens. */
async function start(file: string, dataDir: string) {
  const child = spawn(process.execPath, [file], {
    cwd: EXAMPLE,
    env: { ...process.env, DATA_DIR: dataDir, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const stop = async () => {
    child.kill('SIGTERM');
    return ended;
  };
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => resolve(text.trim()));
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code} before it listened`)));
  });
  return { url, stop };
}

test.each(['hono-server.js', 'http-server.js'])(
  '%s takes batches beside its own page',
  { timeout: 60_000 },
  async (file) => {
    const { dataDir, remove } = await aDataDirWithTables();
    onTestFinished(remove);
    const { url, stop } = await start(file, dataDir);
    const id = randomUUID();

    const page = await fetch(url);
    const script = await fetch(`${url}/stats/t.js`);
    const missing = await fetch(`${url}/stats/nothing-here`);
    const answer = await fetch(`${url}/stats/v1/interactions?key=wk_demo&attempt=0`, {
      method: 'POST',
      headers: { Origin: 'http://localhost:5173' },
      body: JSON.stringify({
        batch_id: randomUUID(),
        visitor_id: 'v1',
        session_id: 's1',
        interactions: [{ id, type: 'click', occurred_at: Date.now(), entity_type: 'event', entity_id: 'e1' }],
      }),
    });

    expect(await page.text()).toBe('My own page\n');
    expect(await script.text()).toContain('/v1/interactions');
    expect(missing.status).toBe(404);
    expect(await answer.json()).toEqual({ accepted: 1, rejected: [] });
    expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('http://localhost:5173');
    const query = async () =>
      (
        await runTurnout(['query', 'SELECT toString(id) AS id FROM interactions', '--data-dir', dataDir])
      ).out.trim();
    await expect.poll(query, { timeout: 60_000 }).toBe(JSON.stringify({ id }));
    // The commands that talk to the collector itself find it, too, beneath its path.
    expect(await runTurnout(['verify', '--data-dir', dataDir])).toMatchObject({ code: 0 });
    expect(await stop()).toBe(0);
  },
);
