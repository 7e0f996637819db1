import * as nodeCrypto from 'node:crypto';
import { bundle, type Mutation } from './bundle.ts';
import { clockOf } from './clock.ts';
import type * as Process from './collector-process.ts';
import type { World } from './world.ts';

/**
 * The collector's modules. Nothing of a run stays in them, so all runs of all schedules share one
 * instance; what is global inside asks the host.
 */
export interface CollectorCode {
  process: typeof Process;
  host: { world: World; files: Record<string, unknown> };
}

const GLOBALS = ['Date', 'setTimeout', 'clearTimeout', 'crypto', 'performance'];

/** Loads the collector, mutated or as it is. */
export async function loadCollector(mutations: readonly Mutation[]): Promise<CollectorCode> {
  const instantiate = await bundle<typeof Process>('./collector-process.ts', GLOBALS, mutations);
  const host = {} as CollectorCode['host'];
  const randomUUID = () => {
    const bytes = Buffer.alloc(16);
    host.world.random.fill(bytes);
    const hex = bytes.toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
  };
  // It never goes back, not even from one schedule to the next: what is remembered of a moment is past by then.
  let [clocked, ahead, latest]: [World | undefined, number, number] = [undefined, 0, 0];
  const monotonic = () => {
    const now = host.world.now();
    if (clocked !== host.world) [clocked, ahead] = [host.world, Math.ceil(latest) + 60_000 - Math.floor(now)];
    latest = now + ahead;
    return latest;
  };
  const globals = {
    Date: clockOf(() => host.world.now()),
    setTimeout: (work: () => void, ms: number) => host.world.poll(host.world.current(), ms, work),
    clearTimeout: (timer?: { isCancelled: boolean }) => {
      if (timer) timer.isCancelled = true;
    },
    crypto: { randomUUID },
    performance: { now: monotonic },
  };
  // What `disk.ts` does not use today is missing loudly.
  const names = ['mkdir', 'readdir', 'open', 'rename', 'rm', 'statfs', 'truncate'];
  const files = Object.fromEntries(
    names.map((name) => [
      name,
      (...parts: unknown[]) => (host.files[name] as (...parts: unknown[]) => unknown)(...parts),
    ]),
  );
  const process = instantiate(globals, {
    'node:fs/promises': files,
    'node:crypto': { ...nodeCrypto, randomUUID },
    '@clickhouse/client': {},
  });
  return { process, host };
}
