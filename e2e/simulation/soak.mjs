/**
 * Runs many schedules, from a seed of its own on: `npm run soak:simulation -- --schedules 200000 [--seed 1]`.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 40)) },
  },
});
const { status } = spawnSync(
  'npx',
  ['vitest', 'run', '--project', 'node', 'e2e/simulation/delivery.test.ts'],
  {
    stdio: 'inherit',
    env: { ...process.env, SIMULATION_SCHEDULES: values.schedules, SIMULATION_FIRST_SEED: values.seed },
  },
);
process.exitCode = status ?? 1;
