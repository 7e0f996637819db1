import { expect, onTestFinished, test } from 'vitest';
import { aDataDir, type RunningCollector, runTurnout, startCollector } from './collector.ts';
import { startSender } from './sender.ts';

/** Reaches so many acknowledgements more before the next blow. */
const BETWEEN_KILLS = 400;

test('keeps every acknowledged interaction exactly once through kills of collector and engine', async () => {
  const { dataDir, remove } = await aDataDir();
  onTestFinished(remove);
  let collector: RunningCollector = await startCollector(dataDir);
  onTestFinished(() => collector.kill());
  const sender = startSender(() => collector.url);
  const more = async () => {
    const before = sender.acknowledged.size;
    await expect
      .poll(() => sender.acknowledged.size, { timeout: 30_000 })
      .toBeGreaterThan(before + BETWEEN_KILLS);
  };

  await more();
  await collector.kill();
  collector = await startCollector(dataDir);
  await more();
  process.kill(collector.enginePid, 'SIGKILL');
  await more();
  await collector.kill();
  collector = await startCollector(dataDir);
  await more();
  await sender.stop();

  // Verification begins when the log is empty, so everything acknowledged is in SQL afterwards.
  const verified = await runTurnout(['verify', '--data-dir', dataDir]);
  expect(verified.out).toContain('Every rollup equals its recount from raw.');
  expect(verified.code).toBe(0);
  const rows = await collector.query<{ id: string; times: number }>(
    'SELECT toString(id) AS stored, stored AS id, toUInt32(count()) AS times FROM interactions GROUP BY stored',
  );
  const times = new Map(rows.map((row) => [row.id, row.times]));
  expect([...sender.acknowledged].filter((id) => !times.has(id))).toEqual([]);
  expect(rows.filter((row) => row.times !== 1)).toEqual([]);
}, 120_000);
