import { parseArgs } from 'node:util';
import { aDataDir, startCollector } from '../collector.ts';
import { deliver, type Tally } from './deliver.ts';
import { formatTable } from './format-table.ts';
import { type Scenario, scenarios } from './scenarios.ts';

/** What all repetitions of one scenario came to. */
interface Sum {
  scenario: string;
  runs: number;
  sent: number;
  lost: number;
  doubled: number;
  /** Runs that broke off, or after which `turnout verify` found a difference. */
  failed: number;
}

/** Plays all scenarios, a few at a time, prints a table, and resolves with the exit code. */
export async function soak(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      repetitions: { type: 'string', default: '20' },
      'window-ms': { type: 'string', default: '10000' },
      // Browsers at a time. They mostly wait; more of them than that make a small machine the fault.
      concurrency: { type: 'string', default: '6' },
      only: { type: 'string', default: '' },
    },
  });
  const repetitions = Number(values.repetitions);
  const chosen = scenarios.filter(({ name }) => name.includes(values.only));
  const sums = new Map<Scenario, Sum>(
    chosen.map((scenario) => [
      scenario,
      { scenario: scenario.name, runs: 0, sent: 0, lost: 0, doubled: 0, failed: 0 },
    ]),
  );
  const waiting = Array.from({ length: repetitions }, () => chosen).flat();
  const total = waiting.length;
  const { dataDir, remove } = await aDataDir();
  const collector = await startCollector(dataDir);

  let done = 0;
  async function work(): Promise<void> {
    for (let scenario = waiting.shift(); scenario; scenario = waiting.shift()) {
      const sum = sums.get(scenario) as Sum;
      sum.runs += 1;
      let outcome: string;
      try {
        outcome = add(sum, await deliver(scenario, collector, Number(values['window-ms'])));
      } catch (error) {
        sum.failed += 1;
        outcome = String(error);
      }
      done += 1;
      console.log(`${done}/${total} ${scenario.name}: ${outcome}`);
    }
  }
  await Promise.all(Array.from({ length: Number(values.concurrency) }, work));
  await collector.stop();
  await remove();

  const rows = [...sums.values()];
  console.log(`\n${formatTable(rows)}`);
  return rows.every(({ lost, doubled, failed }) => lost + doubled + failed === 0) ? 0 : 1;
}

function add(sum: Sum, { sent, lost, doubled, rollups, verified }: Tally): string {
  sum.sent += sent;
  sum.lost += Math.max(lost.length, ...rollups.map(({ counted, inRaw }) => inRaw - counted));
  sum.doubled += Math.max(doubled.length, ...rollups.map(({ counted, inRaw }) => counted - inRaw));
  const problems = [];
  if (lost.length) problems.push(`lost ${lost}`);
  if (doubled.length) problems.push(`doubled ${doubled}`);
  for (const { name, counted, inRaw } of rollups)
    if (counted !== inRaw) problems.push(`${name} is ${counted} of ${inRaw}`);
  if (verified.code !== 0) {
    sum.failed += 1;
    problems.push(verified.out);
  }
  return problems.join('; ') || `${sent} of ${sent}`;
}
