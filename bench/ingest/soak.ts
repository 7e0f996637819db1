import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type RunningCollector, startCollector } from '../../e2e/collector.ts';
import { formatTable } from '../../e2e/delivery/format-table.ts';
import { AS_A_SERVICE } from './as-a-service.ts';
import { type Sent, send, storedIds, untilStored } from './load.ts';
import { residentBytes } from './process-usage.ts';

const SHARE_OF_CAPACITY = 0.7;
const OVERLOAD = 5;
const CONNECTIONS = 64;
const OVERLOAD_CONNECTIONS = 512;
const SAMPLE_MS = 2_000;
const MOST_GROWTH = 1.5;
const MOST_RECOVERY_SECONDS = 30;
/** Of what it holds, in an hour. */
const MOST_SLOPE = 0.02;
/** Until then the memory of ids and the engine's caches fill up. */
const SETTLED_SECONDS = 600;
const SHORTEST_SLOPE_MS = 1_200_000;
const ALLOWED = ['202', '429', '503'];

/**
 * A long steady load, then five times what the collector can take. Exits 1 when an answer is neither 202, 429 nor 503
 * with a Retry-After, when memory grows by half, when it rises by 2 % an hour at the steady rate (asked of runs of
 * half an hour and more), when it takes more than 30 s to recover, or when what is stored is not what was acknowledged.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      'steady-seconds': { type: 'string', default: '3600' },
      'overload-seconds': { type: 'string', default: '600' },
    },
  });
  const [steady, overload] = [Number(values['steady-seconds']), Number(values['overload-seconds'])];
  if (!(steady >= 10 && overload >= 10))
    throw new Error('soak:load: --steady-seconds and --overload-seconds must be 10 or more.');
  const dataDir = await mkdtemp(join(tmpdir(), 'turnout-soak-'));
  const collector = await startCollector(dataDir, [], AS_A_SERVICE);
  try {
    if (!(await soak(collector, steady, overload))) process.exitCode = 1;
  } finally {
    await collector.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function soak(collector: RunningCollector, steadyFor: number, overloadFor: number): Promise<boolean> {
  const port = Number(new URL(collector.url).port);
  const load = { port, connections: CONNECTIONS };
  const phases: Sent[] = [];
  const sendAll = async (some: Parameters<typeof send>[0]) => {
    const sent = await send(some);
    phases.push(sent);
    return sent;
  };
  const acknowledged = () => phases.reduce((sum, sent) => sum + sent.acknowledged, 0);

  await sendAll({ ...load, seconds: 5 });
  const full = await sendAll({ ...load, seconds: 15 });
  const capacity = full.acknowledged / full.seconds;
  await untilStored(collector, acknowledged());

  console.log(
    `capacity ${Math.round(capacity)} a second; ${steadyFor} s at ${SHARE_OF_CAPACITY} of it, then ${overloadFor} s at ${OVERLOAD} times.`,
  );
  const calm = sampleMemory(collector.pid);
  const calmEngine = sampleMemory(collector.enginePid);
  const steady = await sendAll({ ...load, seconds: steadyFor, rate: capacity * SHARE_OF_CAPACITY });
  calm.stop();
  calmEngine.stop();

  const pressed = sampleMemory(collector.pid);
  const overload = await sendAll({
    port,
    connections: OVERLOAD_CONNECTIONS,
    seconds: overloadFor,
    rate: capacity * OVERLOAD,
  });
  pressed.stop();

  const ended = performance.now();
  await untilStored(collector, acknowledged());
  const drained = (performance.now() - ended) / 1000;
  const after = await sendAll({ ...load, seconds: 5, rate: capacity * SHARE_OF_CAPACITY });
  await untilStored(collector, acknowledged());
  const stored = await storedIds(collector);

  const slope = calm.slope(SETTLED_SECONDS);
  const growth = Math.max(...pressed.bytes()) / Math.max(...calm.bytes());
  const statuses = phases.flatMap(({ statuses }) => Object.keys(statuses));
  const failures = [
    ...(statuses.every((status) => ALLOWED.includes(status))
      ? []
      : ['an answer is neither 202, 429 nor 503']),
    ...(phases.some(({ withoutRetryAfter }) => withoutRetryAfter > 0)
      ? ['a refusal says nothing of when to come back']
      : []),
    ...(slope > MOST_SLOPE ? [`memory rose by more than ${100 * MOST_SLOPE} % an hour`] : []),
    ...(growth > MOST_GROWTH ? [`memory grew by more than ${MOST_GROWTH}`] : []),
    ...(drained > MOST_RECOVERY_SECONDS ? [`it took more than ${MOST_RECOVERY_SECONDS} s to recover`] : []),
    ...(stored === acknowledged() ? [] : ['what is stored is not what was acknowledged']),
  ];
  const latency = ({ p50, p99 }: Sent) => `${p50.toFixed(0)} / ${p99.toFixed(0)} ms`;
  const percent = (share: number) => (Number.isNaN(share) ? 'not asked' : `${(100 * share).toFixed(1)} %`);
  const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
  console.log(
    `\n${formatTable([
      { what: 'capacity, interactions a second', is: Math.round(capacity) },
      { what: `${steadyFor} s at ${SHARE_OF_CAPACITY} of it (p50 / p99)`, is: latency(steady) },
      { what: 'memory of the collector then, most', is: megabytes(Math.max(...calm.bytes())) },
      { what: `its slope after ${SETTLED_SECONDS} s, an hour`, is: percent(slope) },
      { what: 'memory of the engine then, most', is: megabytes(Math.max(...calmEngine.bytes())) },
      { what: 'its slope', is: percent(calmEngine.slope(SETTLED_SECONDS)) },
      {
        what: `${overloadFor} s at ${OVERLOAD} times, from leaving (p50 / p99)`,
        is: `${overload.answeredP50.toFixed(0)} / ${overload.answeredP99.toFixed(0)} ms`,
      },
      { what: 'from when they were due', is: latency(overload) },
      { what: 'answers then', is: JSON.stringify(overload.statuses) },
      { what: 'acknowledged a second then', is: Math.round(overload.acknowledged / overload.seconds) },
      { what: 'memory then, times', is: growth.toFixed(2) },
      { what: 'everything stored after', is: `${drained.toFixed(1)} s` },
      { what: 'again at the steady rate (p50 / p99)', is: latency(after) },
      { what: 'acknowledged / stored, different ids', is: `${acknowledged()} / ${stored}` },
      { what: 'found', is: failures.join('; ') || 'nothing wrong' },
    ])}\n`,
  );
  return failures.length === 0;
}

/** Bytes that a process holds, from now on. */
function sampleMemory(pid: number) {
  const samples: { seconds: number; bytes: number }[] = [];
  const begun = performance.now();
  const sample = () =>
    samples.push({ seconds: (performance.now() - begun) / 1000, bytes: residentBytes(pid) });
  sample();
  const timer = setInterval(sample, SAMPLE_MS).unref();
  return {
    stop: () => clearInterval(timer),
    bytes: () => samples.map(({ bytes }) => bytes),
    /** Its rise an hour as a share of its mean, by least squares; NaN where a run is too short to tell. */
    slope(from: number) {
      const settled = samples.filter(({ seconds }) => seconds >= from);
      if ((settled.length - 1) * SAMPLE_MS < SHORTEST_SLOPE_MS) return Number.NaN;
      const mean = (numbers: number[]) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
      const [middle, level] = [mean(settled.map((it) => it.seconds)), mean(settled.map((it) => it.bytes))];
      const spread = mean(settled.map(({ seconds }) => (seconds - middle) ** 2));
      const together = mean(settled.map(({ seconds, bytes }) => (seconds - middle) * (bytes - level)));
      return (3600 * together) / spread / level;
    },
  };
}
