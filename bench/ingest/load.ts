import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { RunningCollector } from '../../e2e/collector.ts';

const PER_BATCH = 20;
const GENERATOR = fileURLToPath(new URL('./generator.mjs', import.meta.url));

/** What the generator sends: at a rate, in interactions a second, or as fast as it is answered. */
export interface Load {
  port: number;
  connections: number;
  seconds: number;
  rate?: number;
}

/** What became of it. */
export interface Sent {
  seconds: number;
  sent: number;
  acknowledged: number;
  statuses: Record<string, number>;
  /** Refusals that do not say when to come back. */
  withoutRetryAfter: number;
  /** Milliseconds from when a batch was due to its answer. */
  p50: number;
  p99: number;
  /** From when it left: later than it was due when all connections were waiting. */
  answeredP50: number;
  answeredP99: number;
  max: number;
  cpuSeconds: number;
}

/** Rows in the table. */
export async function storedRows(collector: RunningCollector): Promise<number> {
  const [row] = await collector.query<{ rows: string }>(
    'SELECT toString(count()) AS rows FROM turnout.interactions',
  );
  return Number(row?.rows);
}

/** Ids that are counted at once: those of an hour would not fit into memory. */
const SLICES = 16;

/** Different ids in the table. */
export async function storedIds(collector: RunningCollector): Promise<number> {
  let ids = 0;
  for (let slice = 0; slice < SLICES; slice += 1) {
    const [row] = await collector.query<{ ids: string }>(
      `SELECT toString(uniqExact(id)) AS ids FROM turnout.interactions WHERE cityHash64(id) % ${SLICES} = ${slice}`,
    );
    ids += Number(row?.ids);
  }
  return ids;
}

const PATIENCE_MS = 300_000;

/** Seconds until so many rows are in the table. */
export async function untilStored(collector: RunningCollector, rows: number): Promise<number> {
  const begun = performance.now();
  for (;;) {
    const stored = await storedRows(collector);
    const waited = performance.now() - begun;
    if (stored >= rows) return waited / 1000;
    if (waited > PATIENCE_MS) throw new Error(`${stored} of ${rows} acknowledged interactions are stored.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Runs the generator in a process of its own. */
export function send(load: Load): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const child = fork(GENERATOR);
    child.once('message', (sent) => resolve(sent as Sent));
    child.once('exit', (code) => {
      if (code !== 0) reject(new Error(`The load generator ended with ${code}.`));
    });
    child.send({ ...load, perBatch: PER_BATCH });
  });
}
