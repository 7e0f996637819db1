import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, stat, watch, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { aDataDir, runTurnout, startCollector, TURNOUT } from './collector.ts';

async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'turnout-backup-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 }));
  return folder;
}

/** Sends batches one after the other until it is told to stop, and remembers which ids were acknowledged, and when. */
function sendTraffic(url: string) {
  const acknowledged: { id: string; at: number }[] = [];
  let isOver = false;
  const run = async () => {
    while (!isOver) {
      const ids = Array.from({ length: 5 }, () => randomUUID());
      const response = await fetch(`${url}/v1/interactions?key=wk_demo&attempt=0`, {
        method: 'POST',
        body: JSON.stringify({
          batch_id: randomUUID(),
          visitor_id: 'v1',
          session_id: 's1',
          interactions: ids.map((id) => ({
            id,
            type: 'click',
            occurred_at: Date.now(),
            entity_type: 'event',
            entity_id: 'e1',
          })),
        }),
      });
      if (response.status === 202) for (const id of ids) acknowledged.push({ id, at: performance.now() });
    }
  };
  const running = run();
  return {
    acknowledged,
    async stop() {
      isOver = true;
      await running;
    },
  };
}

test('restores all that was acknowledged before a backup began, made while batches arrive', {
  timeout: 180_000,
}, async () => {
  const { dataDir, remove } = await aDataDir();
  onTestFinished(remove);
  const collector = await startCollector(dataDir);
  onTestFinished(() => collector.kill());
  const seeded = await runTurnout(['seed', '--days', '3', '--events', '5', '--data-dir', dataDir]);
  const traffic = sendTraffic(collector.url);
  await expect.poll(() => traffic.acknowledged.length, { timeout: 60_000 }).toBeGreaterThan(50);
  const place = join(await aFolder(), 'backup');

  const began = performance.now();
  const backup = await runTurnout(['backup', place, '--data-dir', dataDir]);
  const ended = performance.now();
  await expect.poll(() => traffic.acknowledged.at(-1)?.at, { timeout: 60_000 }).toBeGreaterThan(ended);
  await traffic.stop();
  await collector.kill();

  expect(seeded.code).toBe(0);
  expect(backup).toMatchObject({ code: 0 });
  expect(backup.out).toContain('The sites file is not in it');
  // Acknowledgements went on while the writer rested.
  expect(traffic.acknowledged.filter(({ at }) => at > began && at < ended).length).toBeGreaterThan(0);
  expect((await stat(place)).mode & 0o077).toBe(0);

  const elsewhere = join(await aFolder(), 'data');
  const restored = await runTurnout(['restore', place, '--data-dir', elsewhere]);
  expect(restored).toMatchObject({ code: 0 });
  const again = await runTurnout(['restore', place, '--data-dir', elsewhere]);
  expect(again.code).toBe(1);
  expect(again.err).toContain('is not empty, and a restore replaces nothing');
  const second = await startCollector(elsewhere);
  onTestFinished(() => second.kill());
  const before = traffic.acknowledged.filter(({ at }) => at < began).map(({ id }) => id);
  const stored = async () => {
    const rows = await second.query<{ id: string }>(
      "SELECT toString(id) AS id FROM interactions WHERE visitor_id = 'v1'",
    );
    return new Set(rows.map(({ id }) => id));
  };
  await expect
    .poll(
      async () => {
        const ids = await stored();
        return before.filter((id) => !ids.has(id)).length;
      },
      { timeout: 60_000 },
    )
    .toBe(0);
  const verified = await runTurnout(['verify', '--data-dir', elsewhere]);
  expect(verified.out).toContain('Every rollup equals its recount from raw.');
  expect(verified.code).toBe(0);
  const [counts] = await second.query<{ rows: number; ids: number }>(
    'SELECT toInt32(count()) AS rows, toInt32(uniqExact(id)) AS ids FROM interactions',
  );
  expect(counts?.rows).toBe(counts?.ids);
  expect(counts?.rows).toBeGreaterThan(before.length);

  // It goes on as the same collector: the same visitor is the same person, and views are fed.
  const more = sendTraffic(second.url);
  await expect.poll(() => more.acknowledged.length, { timeout: 60_000 }).toBeGreaterThan(20);
  await more.stop();
  const people = () =>
    second.query("SELECT toInt32(uniqExact(user_key)) AS people FROM interactions WHERE visitor_id = 'v1'");
  expect(await people()).toEqual([{ people: 1 }]);
  expect(await runTurnout(['verify', '--data-dir', elsewhere])).toMatchObject({ code: 0 });
});

test('refuses what it would replace, and what is no backup', async () => {
  const folder = await aFolder();
  await writeFile(join(folder, 'mine.txt'), 'mine');

  const into = await runTurnout(['restore', folder, '--data-dir', join(folder, 'data')]);

  expect(into.code).toBe(1);
  expect(into.err).toContain('is no backup, or one that was cut off');
  expect(await readdir(folder)).toEqual(['mine.txt']);
});

/** Starts a restore in a folder that holds nothing but the backup, and ends it once its own folder is there. */
async function cutOff(folder: string, backup: string, by: NodeJS.Signals) {
  const child = spawn(process.execPath, [TURNOUT, 'restore', backup, '--data-dir', join(folder, 'data')]);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const isThere = async () => (await readdir(folder)).some((name) => name.startsWith('data.restoring-'));
  for await (const _ of watch(folder)) if (await isThere()) break;
  child.kill(by);
  return { pid: child.pid, code: await ended, said };
}

test('leaves nothing of a restore that is stopped, and takes away what one left that was killed', async () => {
  const [folder, backup] = await Promise.all([aFolder(), aFolder()]);
  // The engine that is started for its rows takes far longer than a signal.
  const manifest = { version: 1, created_at: 'today', database: true, secret: true, segments: 0 };
  await mkdir(join(backup, 'log'));
  await writeFile(join(backup, 'backup.json'), JSON.stringify(manifest));
  await writeFile(join(backup, 'secret'), 'the secret');

  let dead: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const { pid, ...stopped } = await cutOff(folder, backup, signal);
    dead = pid;
    expect(stopped).toMatchObject({ code: 1, said: expect.stringContaining('The restore was stopped') });
    expect(await readdir(folder)).toEqual([]);
  }

  const others = [
    `data.restoring-${process.pid}-0123abcd`,
    'data.restoring-mine',
    'other.restoring-1-0123abcd',
  ];
  for (const name of [`data.restoring-${dead}-0123abcd`, ...others]) await mkdir(join(folder, name));
  await writeFile(join(folder, `data.restoring-${dead}-0123abcd`, 'secret'), 'the secret');
  await writeFile(join(backup, 'backup.json'), JSON.stringify({ ...manifest, database: false }));
  expect(await runTurnout(['restore', backup, '--data-dir', join(folder, 'data')])).toMatchObject({
    code: 0,
  });
  expect((await readdir(folder)).sort()).toEqual(['data', ...others].sort());
});
