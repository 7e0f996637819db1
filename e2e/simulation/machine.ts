/**
 * The machine that the collector runs on: starts it, kills it at any step, takes its power away.
 */
import type { CollectorCode } from './collector-code.ts';
import type * as Process from './collector-process.ts';
import type { createEngine } from './engine.ts';
import { createFileSystem, type Operate } from './file-system.ts';
import type { Ledger } from './ledger.ts';
import type { Realm, World } from './world.ts';

/** What the network brings back. */
export interface Answer {
  status: number;
  text: string;
  retryAfter: string | null;
}

/** How a collector ends that does not end by itself. */
export type Death = 'kill' | 'power loss';

export type Machine = ReturnType<typeof createMachine>;

/** See above. */
export function createMachine(
  world: World,
  ledger: Ledger,
  engine: ReturnType<typeof createEngine>,
  code: CollectorCode,
  options: { maxLogBytes: number; isEmbedded: boolean },
) {
  const { random } = world;
  const outside = world.realm('machine');
  let realm: Realm | undefined;
  let collector: Process.CollectorProcess | undefined;
  let runs = 0;
  let death: { steps: number; how: Death } | undefined;
  let relapse = 0;
  let slowMs = random.pick([1, 5, 300]);
  const exchanges = new Set<(answer: Answer | undefined) => void>();

  const operate: Operate = (label, effect) =>
    new Promise((resolve, reject) => {
      world.after(world.current(), random.between(0.05, slowMs), label, () => {
        if (death && --death.steps <= 0) {
          const { how } = death;
          death = undefined;
          // Before it took effect, or after that and before anybody heard of it.
          if (random.chance(0.5)) attempt(effect);
          return die(how);
        }
        const result = attempt(effect);
        if ('error' in result) {
          world.note(() => String(result.error));
          reject(result.error);
        } else resolve(result.value);
      });
    });
  const files = createFileSystem(world, operate);
  code.host.world = world;
  code.host.files = files.promises;
  const database = engine.database(code.process.DatabaseError) as never;

  function start(): void {
    if (realm) return;
    runs += 1;
    const itself = world.realm(`collector ${runs}`);
    realm = itself;
    if (options.isEmbedded) engine.start();
    world.after(itself, 1, 'starts', () => {
      code.process
        .startCollector({
          database,
          maxLogBytes: options.maxLogBytes,
          warn: (text) => world.note(() => text),
        })
        .then(
          (started) => {
            collector = started;
            world.note(() => 'listens');
          },
          (error) => {
            world.note(() => `cannot start: ${error}`);
            die('kill');
          },
        );
    });
  }

  function die(how: Death): void {
    if (!realm) return;
    world.note(() => `the collector dies: ${how}`);
    realm.isAlive = false;
    realm = collector = undefined;
    for (const reply of exchanges) reply(undefined);
    exchanges.clear();
    if (how === 'power loss') files.losePower();
    if (options.isEmbedded) engine.crash();
    world.after(outside, random.between(100, 5_000), '', start);
    // The worst time for a death is soon after another.
    if (!random.chance(relapse)) return;
    const next = random.pick<Death>(['kill', 'power loss']);
    if (random.chance(0.5)) dieWithin(random.integer(1, 40), next);
    else engine.crashAfter(random.integer(3, 8), () => die(next));
  }
  function dieWithin(steps: number, how: Death): void {
    death = { steps, how };
  }

  return {
    files,
    start,
    die,
    /** Files of the log that should be gone when everything is stored. */
    leftovers: () => files.names().filter((name) => /\.(log|plan|tmp)$/.test(name)),
    /** Others may have filled the disk while it was given up; then nobody can drain anything. */
    hasReserve: () => files.names().some((name) => /\/reserve-\d+$/.test(name)),
    isListening: () => collector !== undefined,
    /** Dies at one of its next operations on the disk. */
    dieWithin,
    /** How likely a death is followed by another one within a few operations. */
    relapse(probability: number): void {
      relapse = probability;
    },
    calm(): void {
      death = undefined;
      relapse = 0;
      slowMs = 1;
    },
    /** SIGTERM. */
    stop(): void {
      const [ending, process] = [realm, collector];
      if (!ending || !process) return;
      collector = undefined; // It accepts no more; what was begun is finished.
      const end = () => {
        if (exchanges.size > 0) return void world.poll(ending, 50, end);
        void process.close().then(
          () => die('kill'),
          () => die('kill'),
        );
      };
      world.after(ending, 0, 'is told to end', end);
    },
    /** The process ends itself: nobody handled an error. */
    fault(error: unknown): void {
      world.note(() => `unhandled: ${error instanceof Error ? error.stack : error}`);
      die('kill');
    },
    owns: (candidate: Realm) => candidate === realm,
    /** A request arrives. The reply is undefined when the connection is refused or breaks. */
    receive(url: string, body: string, reply: (answer: Answer | undefined) => void): void {
      const [serving, process] = [realm, collector];
      if (!serving || !process) {
        reply(undefined);
        return;
      }
      exchanges.add(reply);
      world.after(serving, 0, `receives ${url.slice(url.indexOf('?'))} ${body.slice(0, 51)}`, () => {
        const request = new Request(url, { method: 'POST', body, headers: { 'content-type': 'text/plain' } });
        void process.fetch(request).then(async (response) => {
          const answer = {
            status: response.status,
            text: await response.text(),
            retryAfter: response.headers.get('retry-after'),
          };
          if (answer.status === 202) ledger.acknowledge(body, JSON.parse(answer.text).rejected);
          world.note(() => `answers ${answer.status} ${answer.text}`);
          exchanges.delete(reply);
          reply(answer);
        });
      });
    },
  };
}

function attempt<Result>(effect: () => Result): { value: Result } | { error: unknown } {
  try {
    return { value: effect() };
  } catch (error) {
    return { error };
  }
}
