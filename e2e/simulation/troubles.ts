/**
 * What goes wrong in a schedule, and when. Each kind of trouble is in about half of the schedules, so
 * that a bug that needs two of them and the absence of a third is met as well.
 */
import type { Browser } from './browser.ts';
import type { createEngine } from './engine.ts';
import type { Death, Machine } from './machine.ts';
import { CALM, type Network } from './network.ts';
import type { World } from './world.ts';

/** What may be troubled. */
export interface Parts {
  machine: Machine;
  engine: ReturnType<typeof createEngine>;
  network: Network;
  browsers: readonly Browser[];
}

/** Plans the troubles of `spanMs` from now on. */
export function planTroubles(
  world: World,
  { machine, engine, network, browsers }: Parts,
  spanMs: number,
): void {
  const { random } = world;
  const fate = world.realm('fate');
  const often = (most: number, act: () => void, label = '') => {
    if (random.chance(0.5)) return;
    for (let left = random.integer(1, most); left > 0; left -= 1) {
      world.after(fate, random.between(0, spanMs), label, act);
    }
  };
  /** Something begins, and ends after a part of the span. */
  const forAWhile = (label: string, begin: () => void, end: () => void) => {
    if (random.chance(0.6)) return;
    const from = random.between(0, spanMs);
    world.after(fate, from, label, begin);
    world.after(fate, from + random.between(0, spanMs - from), `no more: ${label}`, end);
  };

  const likely = () => (random.chance(0.5) ? 0 : random.pick([0.1, 0.3, 0.6]));
  const weather = {
    loss: likely(),
    answerLoss: likely(),
    repeat: likely(),
    slow: likely(),
    proxy: likely() / 2,
  };
  network.become(weather);
  forAWhile(
    'the network is fine',
    () => network.become(CALM),
    () => network.become(weather),
  );

  const death = (): Death => random.pick(['kill', 'power loss']);
  often(3, () => machine.dieWithin(random.integer(1, 25), death()));
  machine.relapse(likely());
  often(1, () => machine.die(death()));
  often(2, machine.stop);
  often(3, () =>
    engine.crashAfter(random.integer(1, 8), random.chance(0.4) ? () => machine.die(death()) : undefined),
  );
  often(1, engine.crash);
  forAWhile(
    'connections to the engine break',
    () => engine.cutConnections(0.4),
    () => engine.cutConnections(0),
  );
  forAWhile(
    'the disk is full',
    () => machine.files.become('full'),
    () => machine.files.become('none'),
  );
  forAWhile(
    'the disk fails',
    () => machine.files.become('failing'),
    () => machine.files.become('none'),
  );
  // An engine that died is replaced now and then; one that is away for long, at the end.
  const replaceEvery = random.pick([500, 5_000, spanMs / 2, spanMs]);
  const replace = () => {
    engine.start();
    world.after(fate, replaceEvery, '', replace);
  };
  world.after(fate, replaceEvery, '', replace);

  for (const browser of browsers) {
    const { database } = browser;
    often(
      2,
      () => browser.jumpClock(random.pick([random.integer(-600_000, 0), random.integer(0, 86_400_000)])),
      'a clock jumps',
    );
    forAWhile(
      'IndexedDB refuses',
      () => database.become('refused'),
      () => database.become('none'),
    );
    forAWhile(
      'IndexedDB closes connections',
      () => database.become('closing'),
      () => database.become('none'),
    );
    forAWhile(
      'localStorage is full',
      () => browser.fillStorage(true),
      () => browser.fillStorage(false),
    );
  }
}
