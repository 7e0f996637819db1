/**
 * One schedule: browsers, network, collector, disk and engine made of one seed, troubled for a while,
 * then left in peace until everything has arrived.
 */
import { createBrowser } from './browser.ts';
import { bundle, type Instantiate, type Mutation } from './bundle.ts';
import { type CollectorCode, loadCollector } from './collector-code.ts';
import { createEngine } from './engine.ts';
import { findBroken, findLost, findUnstored } from './invariants.ts';
import { createLedger } from './ledger.ts';
import { createMachine } from './machine.ts';
import { CALM, createNetwork } from './network.ts';
import { SDK_GLOBALS, type Sdk } from './page.ts';
import { planTroubles } from './troubles.ts';
import { planVisits } from './visitors.ts';
import { createWorld } from './world.ts';

/** The code under test. */
export interface Code {
  sdk: Instantiate<Sdk>;
  collector: CollectorCode;
}

/** How a schedule ended: nothing broken is what everybody hopes for. */
export interface Ending {
  seed: number;
  broken: string[];
  /** Recorded facts, for whoever wonders how much was going on. */
  facts: number;
  trace: readonly string[];
}

const MINUTE_MS = 60_000;
const MAX_DRAIN_MS = 30 * MINUTE_MS;
const MAX_RESTART_MS = 15 * MINUTE_MS;

/** Bundles SDK and collector, mutated or as they are; what is not mutated may come from `known`. */
export async function loadCode(mutations: readonly Mutation[] = [], known?: Code): Promise<Code> {
  const of = (folder: string) => mutations.filter(({ file }) => file.startsWith(folder));
  const [ofSdk, ofCollector] = [of('sdk/'), of('collector/')];
  return {
    sdk:
      (ofSdk.length === 0 && known?.sdk) ||
      (await bundle<Sdk>('../../packages/sdk/src/index.ts', SDK_GLOBALS, ofSdk)),
    collector: (ofCollector.length === 0 && known?.collector) || (await loadCollector(ofCollector)),
  };
}

/** Runs the schedule of a seed. */
export async function runSchedule(code: Code, seed: number, isTraced = false): Promise<Ending> {
  const world = createWorld(seed, isTraced);
  const { random } = world;
  const ledger = createLedger();
  const engine = createEngine(world, ledger);
  const machine = createMachine(world, ledger, engine, code.collector, {
    maxLogBytes: random.chance(0.1) ? 60_000 : 200_000,
    isEmbedded: random.chance(0.5),
  });
  const network = createNetwork(world, machine);
  const browsers = Array.from({ length: random.chance(0.75) ? 1 : 2 }, (_, index) =>
    createBrowser(`browser ${index + 1}`, world, ledger, network, code.sdk),
  );
  const parts = { machine, engine, network, browsers };

  // Some are longer than the ten minutes that the collector remembers ids for.
  const spanMs = random.chance(0.12) ? random.between(20, 45) * MINUTE_MS : random.between(10_000, 90_000);
  engine.start();
  machine.start();
  planTroubles(world, parts, spanMs);
  planVisits(world, browsers, spanMs);

  // An error that nobody handles ends a process, and is one that a page must never see.
  const unhandled: string[] = [];
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  // Nobody reads where the many errors come from that are a part of the troubles, until a schedule is run again to be
  // read: to note it is a tenth of what a schedule takes.
  const { stackTraceLimit } = Error;
  if (!isTraced) Error.stackTraceLimit = 0;
  process.on('unhandledRejection', (error) => {
    if (machine.owns(world.current())) machine.fault(error);
    else
      unhandled.push(
        `${world.current().name} did not handle ${error instanceof Error ? error.stack : error}`,
      );
  });
  try {
    await world.run(() => false, world.now() + spanMs);
    const leftovers = await drain(world, parts);
    return {
      seed,
      broken: [...unhandled, ...leftovers, ...findBroken(ledger, engine)],
      facts: ledger.facts.size,
      trace: world.trace,
    };
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    process.removeAllListeners('unhandledRejection');
    for (const listener of others) process.on('unhandledRejection', listener);
  }

  /** Whether what was acknowledged stays out of the database for want of room in the log. */
  async function isStuckOnFullDisk(): Promise<boolean> {
    if (!machine.hasReserve()) return false;
    world.note(() => 'peace, on a full disk');
    machine.files.become('full');
    if (random.chance(0.5)) machine.die('kill');
    const isStored = () => machine.isListening() && findUnstored(ledger, engine).length === 0;
    await world.run(isStored, world.now() + MAX_DRAIN_MS);
    return !isStored();
  }

  /** Ends all trouble, opens a page in every browser, and waits. */
  async function drain(world: ReturnType<typeof createWorld>, all: typeof parts): Promise<string[]> {
    world.note(() => 'peace');
    all.network.become(CALM);
    all.machine.calm();
    all.engine.cutConnections(0);
    all.engine.crashAfter(Number.POSITIVE_INFINITY);
    all.engine.start();
    const isStuckFull = random.chance(0.2) && (await isStuckOnFullDisk());
    all.machine.files.become('none');
    for (const browser of all.browsers) {
      browser.database.become('none');
      browser.fillStorage(false);
      for (const page of browser.pages) {
        if (!page.realm.isAlive) continue;
        page.comeBack('cache');
        ledger.vouch(page.recorded);
      }
      browser.open();
    }
    const isSent = () =>
      network.inFlight() === 0 && browsers.every((browser) => browser.waiting().length === 0);
    const isStored = () => isSent() && findLost(ledger, engine).length === 0;
    await world.run(isStored, world.now() + MAX_DRAIN_MS);
    const isStuck = !isStored();
    // Files that a troubled disk did not let go of leave at the next start.
    machine.stop();
    const isEmpty = () => isStored() && machine.isListening() && machine.leftovers().length === 0;
    await world.run(isEmpty, world.now() + MAX_RESTART_MS);
    const left = [...browsers.flatMap((browser) => browser.waiting()), ...machine.leftovers()];
    return [
      ...(isStuckFull ? ['It does not drain on a full disk'] : []),
      ...(isStuck ? ['It does not drain without a restart'] : []),
      ...left.map((it) => `${it} does not drain`),
    ];
  }
}
