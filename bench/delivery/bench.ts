import { parseArgs } from 'node:util';
import { formatTable } from '../../e2e/delivery/format-table.ts';
import { type Scenario, scenarios } from '../../e2e/delivery/scenarios.ts';
import { bundle, versionOf } from './bundle.ts';
import { type Tracker, trackers } from './trackers.ts';
import { type Outcome, visit } from './visit.ts';

/**
 * Plays every scenario with every tracker and prints what was delivered, lost and doubled.
 * Nothing leaves this machine: the browsers resolve no name, and all addresses are a sink of ours.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      repetitions: { type: 'string', default: '1' },
      'window-ms': { type: 'string', default: '10000' },
      // Browsers at a time. They mostly wait; more of them than that make a small machine the fault.
      concurrency: { type: 'string', default: '6' },
      tracker: { type: 'string', default: '' },
      scenario: { type: 'string', default: '' },
    },
  });
  const windowMs = Number(values['window-ms']);
  const chosen = scenarios.filter(({ name }) => name.includes(values.scenario));
  const notes: string[] = [];
  const scripts = new Map<Tracker, string>();
  for (const tracker of trackers.filter(({ name }) => name.includes(values.tracker))) {
    try {
      scripts.set(tracker, await bundle(tracker));
      console.log(`${tracker.name}: ${tracker.packageName} ${await versionOf(tracker)}`);
    } catch (error) {
      notes.push(`${tracker.name} is left out, it could not be bundled: ${error}`);
    }
  }

  const visits: { tracker: Tracker; scenario: Scenario; script: string; outcomes: Outcome[] }[] = [];
  for (const scenario of chosen)
    for (const [tracker, script] of scripts) visits.push({ tracker, scenario, script, outcomes: [] });
  const waiting = Array.from({ length: Number(values.repetitions) }, () => visits).flat();
  const total = waiting.length;
  let done = 0;
  async function work(): Promise<void> {
    for (let one = waiting.shift(); one; one = waiting.shift()) {
      const { tracker, scenario, script, outcomes } = one;
      const outcome = await visit(tracker, script, scenario, windowMs);
      outcomes.push(outcome);
      done += 1;
      const { sent, lost, doubled, error } = outcome;
      console.log(
        `${done}/${total} ${scenario.name}, ${tracker.name}: ${sent} sent, ${lost} lost, ${doubled} doubled`,
      );
      if (error) notes.push(`${tracker.name}, ${scenario.name}: ${error}`);
    }
  }
  await Promise.all(Array.from({ length: Number(values.concurrency) }, work));

  const names = [...scripts.keys()].map(({ name }) => name);
  const cell = (scenario: Scenario, name: string) => {
    const outcomes =
      visits.find((one) => one.scenario === scenario && one.tracker.name === name)?.outcomes ?? [];
    const sum = (key: 'delivered' | 'lost' | 'doubled') =>
      outcomes.reduce((total, outcome) => total + outcome[key], 0);
    return `${sum('delivered')} / ${sum('lost')} / ${sum('doubled')}`;
  };
  const rows = chosen.map((scenario) => ({
    scenario: scenario.name,
    ...Object.fromEntries(names.map((name) => [name, cell(scenario, name)])),
  }));
  console.log(`\ndelivered / lost / doubled, after one return visit\n\n${formatTable(rows)}`);
  for (const note of notes) console.log(`Note: ${note}`);
}
