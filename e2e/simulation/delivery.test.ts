import { expect, test } from 'vitest';
import { explainEnding } from './explain.ts';
import { loadCode, runSchedule } from './schedule.ts';

/** The same schedules on every run of CI: a red one is a bug of the change at hand. */
const FIRST_SEED = Number(process.env.SIMULATION_FIRST_SEED ?? 1);
const SCHEDULES = Number(process.env.SIMULATION_SCHEDULES ?? 10_000);
/** Replays one schedule and shows what happened. */
const { SIMULATION_SEED: REPLAYED } = process.env;

if (REPLAYED === undefined) {
  test(`keeps every promise in ${SCHEDULES} schedules from seed ${FIRST_SEED} on`, {
    timeout: 60_000 + SCHEDULES * 60,
  }, async () => {
    const code = await loadCode();
    let facts = 0;

    for (let seed = FIRST_SEED; seed < FIRST_SEED + SCHEDULES; seed += 1) {
      const ending = await runSchedule(code, seed);
      facts += ending.facts;
      if (ending.broken.length > 0) expect.fail(explainEnding(await runSchedule(code, seed, true)));
    }

    // A simulation in which nothing happens keeps every promise too.
    expect(facts / SCHEDULES).toBeGreaterThan(5);
  });
} else {
  test(`keeps every promise in schedule ${REPLAYED}`, async () => {
    const ending = await runSchedule(await loadCode(), Number(REPLAYED), true);

    process.stdout.write(`${ending.trace.join('\n')}\n`);

    expect(ending.broken).toEqual([]);
  });
}

test('runs a seed the same way every time', async () => {
  const code = await loadCode();

  for (const seed of [1, 2, 3]) {
    const [first, second] = [await runSchedule(code, seed, true), await runSchedule(code, seed, true)];
    expect(second.trace).toEqual(first.trace);
  }
});
