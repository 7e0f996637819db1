import { expect, onTestFinished, test } from 'vitest';
import { aDataDirWithTables, type RunningCollector, runTurnout, startCollector } from './collector.ts';
import { startSender } from './sender.ts';

/** `npm run soak:kill` asks for more. */
const CYCLES = Number(process.env.KILL_CYCLES ?? 20);
/** At most so many acknowledgements come before the next blow: it falls anywhere in the life of a segment. */
const MOST_BETWEEN_KILLS = 1_500;
const VICTIMS = ['collector', 'engine', 'both'] as const;

test(
  `keeps every acknowledged interaction exactly once through ${CYCLES} kills under load`,
  async () => {
    const { dataDir, remove } = await aDataDirWithTables();
    onTestFinished(remove);
    let collector: RunningCollector = await startCollector(dataDir);
    onTestFinished(() => collector.kill());
    const sender = startSender(() => collector.url);

    for (let cycle = 1; cycle <= CYCLES; cycle += 1) {
      const until = sender.acknowledged.size + Math.random() * MOST_BETWEEN_KILLS;
      await expect
        .poll(() => sender.acknowledged.size, { timeout: 60_000, interval: 2 })
        .toBeGreaterThan(until);
      const victim = VICTIMS[Math.floor(Math.random() * VICTIMS.length)];
      if (victim !== 'collector') killIfThere(await enginePidOf(collector));
      if (victim !== 'engine') {
        await collector.kill();
        collector = await startCollector(dataDir);
      }
      if (CYCLES > 20)
        process.stdout.write(`${cycle}: ${victim}, ${sender.acknowledged.size} acknowledged\n`);
    }
    await sender.stop();

    // Verification begins when the log is empty, so everything acknowledged is in SQL afterwards.
    const verified = await runTurnout(['verify', '--data-dir', dataDir]);
    expect(verified).toMatchObject({
      code: 0,
      out: expect.stringContaining('Every rollup equals its recount from raw.'),
    });
    const rows = await collector.query<{ stored: string; times: number }>(
      'SELECT toString(id) AS stored, toUInt32(count()) AS times FROM interactions GROUP BY stored',
    );
    const stored = new Set(rows.map((row) => row.stored));
    expect([...sender.acknowledged].filter((id) => !stored.has(id))).toEqual([]);
    expect(rows.filter(({ times }) => times !== 1)).toEqual([]);
    expect(sender.acknowledged.size).toBeGreaterThan(CYCLES * 100);
  },
  60_000 + CYCLES * 10_000,
);

test('goes on acknowledging while a hung engine is replaced', async () => {
  const { dataDir, remove } = await aDataDirWithTables();
  onTestFinished(remove);
  const collector = await startCollector(dataDir);
  onTestFinished(() => collector.kill());
  const sender = startSender(() => collector.url);
  await expect.poll(() => sender.acknowledged.size, { timeout: 60_000 }).toBeGreaterThan(100);

  process.kill(collector.enginePid, 'SIGSTOP');
  const before = sender.acknowledged.size;
  await expect
    .poll(() => sender.acknowledged.size, { timeout: 3_000, interval: 10 })
    .toBeGreaterThan(before + 200);
  expect(await enginePidOf(collector)).toBe(collector.enginePid);
  await expect.poll(() => enginePidOf(collector), { timeout: 60_000 }).not.toBe(collector.enginePid);
  await sender.stop();

  const verified = await runTurnout(['verify', '--data-dir', dataDir]);
  expect(verified.code).toBe(0);
  const [row] = await collector.query<{ ids: number }>(
    'SELECT toUInt32(uniqExact(id)) AS ids FROM interactions',
  );
  expect(row?.ids).toBeGreaterThanOrEqual(sender.acknowledged.size);
});

test('starts again while the engine of a killed collector is in the middle of a long question', async () => {
  const { dataDir, remove } = await aDataDirWithTables();
  onTestFinished(remove);
  const first = await startCollector(dataDir);
  // It sleeps once a block, and so long it may.
  const question = 'SELECT max(sleep(2.9)) FROM numbers(3000000)';
  const asked = first.query(question).catch(() => undefined);
  const running = "SELECT query FROM system.processes WHERE query LIKE 'SELECT max(sleep%'";
  await expect.poll(() => first.query(running), { timeout: 60_000 }).toHaveLength(1);

  await first.kill();
  const second = await startCollector(dataDir);

  onTestFinished(() => second.kill());
  expect(await second.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await asked;
});

/** The engine that serves now: the one of the start may have been replaced. */
async function enginePidOf(collector: RunningCollector): Promise<number> {
  const text = await (await fetch(`${collector.url}/metrics`)).text();
  return Number(/^turnout_engine_pid (\d+)$/m.exec(text)?.[1]);
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is being replaced from the last blow, and has no process now.
  }
}
