import { parseArgs } from 'node:util';
import { formatTable } from '../../e2e/delivery/format-table.ts';
import { ask } from './ask.ts';
import { type Engine, openEngine } from './engine.ts';
import { load } from './load.ts';
import { questionsAbout } from './questions.ts';

/** Loads a skewed history into the embedded engine and times questions to rollups beside the same ones to raw. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      rows: { type: 'string', default: '20000000' },
      runs: { type: 'string', default: '7' },
      directory: { type: 'string' },
    },
  });
  const [rows, runs] = [Number(values.rows), Number(values.runs)];
  if (!(Number.isInteger(rows) && rows >= 100_000 && Number.isInteger(runs) && runs > 0))
    throw new Error('bench data: --rows must be at least 100000, and --runs a whole number from 1.');

  const engine = await openEngine(values.directory);
  try {
    const [{ is: loaded } = { is: '0' }] = await engine.query<{ is: string }>(
      'SELECT count() AS is FROM turnout.interactions',
    );
    if (loaded === '0') await loadAndWeigh(engine, rows);
    else console.log(`${values.directory} holds ${loaded} rows: asked as they are.`);

    const [person] = await engine.query<{ key: string }>(
      'SELECT toString(user_key) AS key FROM turnout.user_state GROUP BY user_key ORDER BY sum(pages) DESC LIMIT 1',
    );
    const table = [];
    for (const question of questionsAbout(person?.key ?? '0')) table.push(await ask(engine, question, runs));
    console.log(`\nMedians of ${runs} runs\n\n${formatTable(table)}`);
  } finally {
    engine.close();
  }
}

/** Prints what loading cost and what it left on disk. */
async function loadAndWeigh(engine: Engine, rows: number): Promise<void> {
  const cost = await load(engine, rows, console.log);
  const begun = performance.now();
  await engine.command('SYSTEM REFRESH VIEW turnout.funnel_day_mv');
  await engine.command('SYSTEM WAIT VIEW turnout.funnel_day_mv');
  const funnelSeconds = (performance.now() - begun) / 1000;
  const sizes = await engine.query<{ table: string; rows: string; bytes: string }>(
    `SELECT table, toString(sum(rows)) AS rows, toString(sum(bytes_on_disk)) AS bytes FROM system.parts
     WHERE active AND database = 'turnout' GROUP BY table ORDER BY sum(bytes_on_disk) DESC`,
  );
  const raw = sizes.find(({ table }) => table === 'interactions');
  const rollups = sizes.filter((size) => size !== raw).reduce((sum, { bytes }) => sum + Number(bytes), 0);
  const micros = (figure: number) => `${figure.toFixed(1)} µs`;
  console.log(
    `\n${formatTable([
      { what: 'rows', is: raw?.rows },
      { what: 'time of all inserts', is: `${cost.seconds.toFixed(0)} s` },
      { what: 'bytes a row, raw', is: (Number(raw?.bytes) / rows).toFixed(1) },
      { what: 'bytes a row, all rollups together', is: (rollups / rows).toFixed(1) },
      { what: 'CPU a row, inserts with views and merges', is: micros(cost.allMicroseconds) },
      { what: 'CPU a row, first million or tenth, merges resting', is: micros(cost.firstMicroseconds) },
      { what: 'CPU a row, last million or tenth, merges resting', is: micros(cost.lastMicroseconds) },
      { what: 'counting the funnel of all days anew', is: `${funnelSeconds.toFixed(1)} s` },
    ])}\n`,
  );
}
