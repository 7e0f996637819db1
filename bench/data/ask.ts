import type { Engine } from './engine.ts';
import type { Question } from './questions.ts';

/** What one question took, in milliseconds: medians of all turns but the first. */
interface Cost {
  ms: number;
  /** CPU of the whole process: what counts on a machine that others use too. */
  cpuMs: number;
}

const median = (figures: number[]) => figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? 0;

/** Asks the rollups and raw turn by turn, so that whatever else the machine does falls on both; one row of a table. */
export async function ask(engine: Engine, { name, rollup, raw }: Question, turns: number) {
  const [fast, slow] = [new Turns(engine, rollup), new Turns(engine, raw)];
  for (let turn = 0; turn <= turns; turn += 1) {
    await fast.take();
    await slow.take();
  }
  const [quick, plain] = [fast.cost(), slow.cost()];
  return {
    question: name,
    'rollup ms': quick.ms.toFixed(1),
    'raw ms': plain.ms.toFixed(1),
    'raw / rollup': (plain.ms / quick.ms).toFixed(1),
    'rollup CPU ms': quick.cpuMs.toFixed(1),
    'raw CPU ms': plain.cpuMs.toFixed(1),
    'raw / rollup, CPU': (plain.cpuMs / quick.cpuMs).toFixed(1),
    agree: fast.answer === slow.answer ? 'yes' : `NO: ${fast.answer} and ${slow.answer}`,
  };
}

/** One statement, asked again and again. */
class Turns {
  answer = '';
  private readonly taken: Cost[] = [];

  constructor(
    private readonly engine: Engine,
    private readonly sql: string,
  ) {}

  async take(): Promise<void> {
    const [since, cpu] = [performance.now(), process.cpuUsage()];
    const [row = {}] = await this.engine.query<object>(`${this.sql} SETTINGS use_query_condition_cache = 0`);
    const used = process.cpuUsage(cpu);
    this.taken.push({ ms: performance.now() - since, cpuMs: (used.user + used.system) / 1000 });
    this.answer = String(Object.values(row)[0]);
  }

  /** The first turn is left out: it warms the caches. */
  cost(): Cost {
    const warm = this.taken.slice(1);
    return { ms: median(warm.map(({ ms }) => ms)), cpuMs: median(warm.map(({ cpuMs }) => cpuMs)) };
  }
}
