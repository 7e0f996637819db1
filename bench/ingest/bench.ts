import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type RunningCollector, startCollector } from '../../e2e/collector.ts';
import { formatTable } from '../../e2e/delivery/format-table.ts';
import { AS_A_SERVICE } from './as-a-service.ts';
import { type Sent, send, storedIds, storedRows, untilStored } from './load.ts';
import { cpuSeconds, residentBytes } from './process-usage.ts';
import { eventsASecond } from './umami.ts';
import { startYardstick } from './yardstick.ts';

/** Interactions a second of its batch endpoint with PostgreSQL, on another day of such a machine: see docs/benchmarks.md. */
const UMAMI = [420, 150] as const;

/** Loads a real collector with the embedded engine from a process beside it, and a bare server for comparison. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '30' },
      connections: { type: 'string', default: '64' },
      umami: { type: 'string' },
      'umami-website': { type: 'string' },
    },
  });
  const [seconds, connections] = [Number(values.seconds), Number(values.connections)];
  if (!(seconds >= 5 && seconds <= 3_600 && Number.isInteger(connections) && connections > 0))
    throw new Error('bench ingest: --seconds must be 5 to 3600, and --connections a whole number from 1.');
  const { umami: origin, 'umami-website': website } = values;
  if ((origin === undefined) !== (website === undefined))
    throw new Error(
      'bench ingest: --umami (where it listens) and --umami-website (the id of a website) go together.',
    );

  const yardstick = await startYardstick();
  const bare = await send({ port: yardstick.port, connections, seconds: Math.min(seconds, 10) });
  yardstick.stop();
  // Before the collector, so that neither takes the other's turns.
  const umami =
    origin !== undefined && website !== undefined
      ? [await eventsASecond({ origin, website }, { connections, seconds })]
      : undefined;

  const dataDir = await mkdtemp(join(tmpdir(), 'turnout-bench-'));
  const collector = await startCollector(dataDir, [], AS_A_SERVICE);
  try {
    await measure(collector, { seconds, connections }, { bare, umami });
  } finally {
    await collector.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function measure(
  collector: RunningCollector,
  { seconds, connections }: { seconds: number; connections: number },
  { bare, umami }: { bare: Sent; umami: readonly number[] | undefined },
): Promise<void> {
  const port = Number(new URL(collector.url).port);
  // The first seconds compile code and fill caches.
  const warm = await send({ port, connections, seconds: 5 });
  const before = usageOf(collector);
  const busy = await send({ port, connections, seconds });
  const atEnd = await storedRows(collector);
  const ackedSeconds = busy.seconds;
  const drained = await untilStored(collector, warm.acknowledged + busy.acknowledged);
  const after = usageOf(collector);
  const half = await send({
    port,
    connections,
    seconds: Math.min(seconds, 15),
    rate: busy.acknowledged / ackedSeconds / 2,
  });
  const acknowledged = warm.acknowledged + busy.acknowledged + half.acknowledged;
  await untilStored(collector, acknowledged);
  const rows = busy.acknowledged;
  const stored = (atEnd - warm.acknowledged) / ackedSeconds;
  const micros = (cpu: number) => `${((cpu * 1e6) / rows).toFixed(1)} µs`;
  console.log(
    `\n${formatTable([
      { what: 'interactions acknowledged a second, each on disk', is: Math.round(rows / ackedSeconds) },
      {
        what: 'the same, of a server that only parses JSON',
        is: Math.round(bare.acknowledged / bare.seconds),
      },
      { what: 'ratio', is: (rows / ackedSeconds / (bare.acknowledged / bare.seconds)).toFixed(2) },
      {
        what: `times what Umami ${umami ? 'took in this run' : 'was recorded with'} (${(umami ?? UMAMI).map(Math.round).join(' to ')} a second)`,
        is: (umami ?? UMAMI).map((events) => (rows / ackedSeconds / events).toFixed(0)).join(' to '),
      },
      { what: 'interactions stored a second meanwhile', is: Math.round(stored) },
      { what: 'until the last one was stored', is: `${drained.toFixed(1)} s` },
      { what: 'answers', is: JSON.stringify(busy.statuses) },
      { what: 'CPU of the collector, each', is: micros(after.collector - before.collector) },
      { what: 'CPU of the engine with all views, each', is: micros(after.engine - before.engine) },
      { what: 'CPU of the load generator, each', is: micros(busy.cpuSeconds) },
      {
        what: 'acknowledged after, busy (p50 / p99)',
        is: `${busy.p50.toFixed(1)} / ${busy.p99.toFixed(1)} ms`,
      },
      {
        what: 'acknowledged after, at half of that (p50 / p99)',
        is: `${half.p50.toFixed(1)} / ${half.p99.toFixed(1)} ms`,
      },
      { what: 'memory of the collector', is: `${Math.round(residentBytes(collector.pid) / 1e6)} MB` },
      { what: 'memory of the engine', is: `${Math.round(residentBytes(collector.enginePid) / 1e6)} MB` },
      { what: 'acknowledged in all', is: acknowledged },
      { what: 'stored in all, different ids', is: await storedIds(collector) },
    ])}\n`,
  );
}

function usageOf({ pid, enginePid }: RunningCollector): { collector: number; engine: number } {
  return { collector: cpuSeconds(pid), engine: cpuSeconds(enginePid) };
}
