import { beforeAll, expect, test } from 'vitest';
import { MUTATIONS } from './mutations.ts';
import { type Code, loadCode, runSchedule } from './schedule.ts';

/** Many times what it takes on average, so that chance does not fail the test. */
const WITHIN = 1_500;
/** Those that take hundreds of schedules are looked for by hand: see docs/simulation.md. */
const WITHIN_FOR_RARE = Number(process.env.SIMULATION_RARE ?? 0);

let code: Code;

beforeAll(async () => {
  code = await loadCode();
});

async function expectToBeFound(mutation: (typeof MUTATIONS)[number], within: number): Promise<void> {
  const mutated = await loadCode([mutation], code);
  for (let seed = 1; seed <= within; seed += 1) {
    const { broken } = await runSchedule(mutated, seed);
    if (broken.length > 0) return;
  }
  expect.fail(`${within} schedules did not notice a program that ${mutation.name}.`);
}

test.each(MUTATIONS.filter(({ isRare }) => !isRare))(
  'notices a program that $name',
  { timeout: 120_000 },
  async (mutation) => {
    await expectToBeFound(mutation, WITHIN);
  },
);

const rare = WITHIN_FOR_RARE > 0 ? MUTATIONS.filter(({ isRare }) => isRare) : [];

test.each(rare)(
  'notices, in many schedules, a program that $name',
  { timeout: 3_600_000 },
  async (mutation) => {
    await expectToBeFound(mutation, WITHIN_FOR_RARE);
  },
);
