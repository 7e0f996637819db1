import { expect, onTestFinished, test } from 'vitest';
import { aFolder } from '../testing/temporary.ts';
import { startEngine } from './supervisor.ts';

async function anEngine(path?: string) {
  const warnings: string[] = [];
  const engine = await startEngine({
    path: path ?? (await aFolder()),
    sqlPort: 0,
    log: { warn: (_details, message) => warnings.push(message) },
  });
  onTestFinished(engine.close);
  return { engine, warnings };
}

const answers = async (url: string) =>
  fetch(`${url}/?query=SELECT%201`).then(
    async (response) => (await response.text()) === '1\n',
    () => false,
  );

test.each([
  ['SIGKILL', []],
  ['SIGSTOP', ['the engine gives no sign of life; ending it']],
] as const)('replaces an engine within 5 s of %s, at the same SQL address', async (signal, reasons) => {
  const { engine, warnings } = await anEngine();
  const pid = engine.pid() ?? 0;
  const sqlUrl = engine.sqlUrl();

  const began = performance.now();
  process.kill(pid, signal);

  await expect.poll(() => engine.pid(), { timeout: 60_000, interval: 10 }).not.toBe(pid);
  expect(performance.now() - began).toBeLessThan(5_000);
  await expect.poll(() => answers(sqlUrl), { timeout: 60_000 }).toBe(true);
  expect(engine.restarts()).toBe(1);
  expect(warnings).toEqual([...reasons, 'the engine ended; starting another']);
});

test('leaves the engine alone when it was the collector that stood still', async () => {
  const { engine, warnings } = await anEngine();
  const pid = engine.pid();

  // As a machine under load does to a process: nothing of it runs, and what the engine says piles up.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5_000);

  for (let look = 0; look < 20; look += 1) expect(await answers(engine.sqlUrl())).toBe(true);
  expect(engine.pid()).toBe(pid);
  expect(warnings).toEqual([]);
});

test('closes cleanly, so that the next one can have the folder at once', async () => {
  const folder = await aFolder();
  const first = await anEngine(folder);
  await first.engine.close();

  const second = await anEngine(folder);

  expect(await answers(second.engine.sqlUrl())).toBe(true);
});

test('says why it cannot start', async () => {
  const { engine } = await anEngine();
  const port = Number(new URL(engine.sqlUrl()).port);

  const start = startEngine({ path: await aFolder(), sqlPort: port, log: { warn: () => {} } });

  await expect(start).rejects.toThrow(`SQL port ${port} is in use`);
});

test('lets everything else go before merges', async () => {
  const { engine } = await anEngine();

  const answer = await fetch(
    `${engine.sqlUrl()}/?query=${encodeURIComponent("SELECT value FROM system.server_settings WHERE name = 'os_threads_nice_value_merge_mutate'")}`,
  );

  expect(await answer.text()).toBe('10\n');
});
