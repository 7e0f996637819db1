import type { Ending } from './schedule.ts';

/** So much of a trace is read by people; the whole one comes with a replay. */
const LAST_LINES = 60;

/** What somebody needs who sees a schedule fail. */
export function explainEnding({ seed, broken, trace }: Ending): string {
  return [
    `Schedule ${seed} broke ${broken.length === 1 ? 'a promise' : `${broken.length} promises`}:`,
    ...broken.map((promise) => `  ${promise}`),
    '',
    `Replay it, with everything that happened: SIMULATION_SEED=${seed} npx vitest run --project node e2e/simulation/delivery.test.ts`,
    '',
    `Its last ${LAST_LINES} steps (seconds, who, what):`,
    ...trace.slice(-LAST_LINES),
  ].join('\n');
}
