import { parseArgs } from 'node:util';
import { formatTable } from '../../e2e/delivery/format-table.ts';
import { openEngine } from './engine.ts';
import { load } from './load.ts';
import { questionsAbout } from './questions.ts';

const median = (figures: number[]) => figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? 0;

/** Loads a skewed history into the embedded engine and times questions to rollups beside the same ones to raw. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { rows: { type: 'string', default: '20000000' }, runs: { type: 'string', default: '7' } },
  });
  const [rows, runs] = [Number(values.rows), Number(values.runs)];
  if (!(Number.isInteger(rows) && rows >= 100_000 && Number.isInteger(runs) && runs > 0))
    throw new Error('bench data: --rows must be at least 100000, and --runs a whole number from 1.');

  const engine = await openEngine();
  try {
    const loaded = await load(engine, rows, console.log);
    const begun = performance.now();
    await engine.command('SYSTEM REFRESH VIEW turnout.funnel_day_mv');
    await engine.command('SYSTEM WAIT VIEW turnout.funnel_day_mv');
    const funnelSeconds = (performance.now() - begun) / 1000;
    const sizes = await engine.query<{ table: string; rows: string; bytes: string }>(
      `SELECT table, toString(sum(rows)) AS rows, toString(sum(bytes_on_disk)) AS bytes FROM system.parts
       WHERE active AND database = 'turnout' GROUP BY table ORDER BY sum(bytes_on_disk) DESC`,
    );
    const raw = sizes.find(({ table }) => table === 'interactions');
    const rest = sizes.reduce(
      (sum, { table, bytes }) => sum + (table === 'interactions' ? 0 : Number(bytes)),
      0,
    );
    const micros = (figure: number) => `${figure.toFixed(1)} µs`;
    console.log(
      `\n${formatTable([
        { what: 'rows', is: raw?.rows },
        { what: 'time of all inserts', is: `${loaded.seconds.toFixed(0)} s` },
        { what: 'bytes a row, raw', is: (Number(raw?.bytes) / rows).toFixed(1) },
        { what: 'bytes a row, all rollups together', is: (rest / rows).toFixed(1) },
        { what: 'CPU a row, inserts with views and merges', is: micros(loaded.allMicroseconds) },
        { what: 'CPU a row, first million or tenth, merges resting', is: micros(loaded.firstMicroseconds) },
        { what: 'CPU a row, last million or tenth, merges resting', is: micros(loaded.lastMicroseconds) },
        { what: 'counting the funnel of all days anew', is: `${funnelSeconds.toFixed(1)} s` },
      ])}\n`,
    );

    const [person] = await engine.query<{ key: string }>(
      'SELECT toString(user_key) AS key FROM turnout.user_state GROUP BY user_key ORDER BY sum(pages) DESC LIMIT 1',
    );
    const table = [];
    for (const { name, rollup, raw: plain } of questionsAbout(person?.key ?? '0')) {
      const times = { rollup: [] as number[], raw: [] as number[] };
      let answers: unknown[] = [];
      // Turn by turn, so that whatever else the machine does falls on both.
      for (let turn = 0; turn <= runs; turn += 1) {
        answers = [];
        for (const [of, sql] of [
          ['rollup', rollup],
          ['raw', plain],
        ] as const) {
          const since = performance.now();
          const [row = {}] = await engine.query<object>(`${sql} SETTINGS use_query_condition_cache = 0`);
          // The first turn warms the caches of both.
          if (turn > 0) times[of].push(performance.now() - since);
          answers.push(Object.values(row)[0]);
        }
      }
      const [fast, slow] = [median(times.rollup), median(times.raw)];
      table.push({
        question: name,
        'rollup ms': fast.toFixed(1),
        'raw ms': slow.toFixed(1),
        'raw / rollup': (slow / fast).toFixed(1),
        agree: String(answers[0]) === String(answers[1]) ? 'yes' : `NO: ${answers.join(' and ')}`,
      });
      console.log(`${name}: ${fast.toFixed(1)} ms and ${slow.toFixed(1)} ms`);
    }
    console.log(`\nMedians of ${runs} runs\n\n${formatTable(table)}`);
  } finally {
    engine.close();
  }
}
