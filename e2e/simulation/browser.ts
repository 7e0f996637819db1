/**
 * A browser: storage that its pages share, a clock of its own, locks, and the pages themselves.
 */
import type { Instantiate } from './bundle.ts';
import { createIndexedDb } from './indexed-db.ts';
import type { Ledger } from './ledger.ts';
import type { Network } from './network.ts';
import { openPage, type Page, type Sdk } from './page.ts';
import { createLocks } from './web-locks.ts';
import type { World } from './world.ts';

export type Browser = ReturnType<typeof createBrowser>;

/** See above. */
export function createBrowser(
  name: string,
  world: World,
  ledger: Ledger,
  network: Network,
  instantiate: Instantiate<Sdk>,
) {
  const { random } = world;
  let skewMs = random.pick([0, 0, random.integer(-3_600_000, 3_600_000)]);
  let hasFullStorage = false;
  let opened = 0;
  const pages = new Set<Page>();
  const database = createIndexedDb(world, ledger.commit);
  const localStorage = Object.create({
    getItem(this: Record<string, string>, key: string) {
      return this[key] ?? null;
    },
    setItem(this: Record<string, string>, key: string, value: string) {
      if (hasFullStorage) throw new Error('QuotaExceededError');
      this[key] = value;
      if (key.includes(':spill:')) ledger.commit([JSON.parse(value)].flat());
    },
    removeItem(this: Record<string, string>, key: string) {
      delete this[key];
    },
  }) as Record<string, string>;
  const spills = () => Object.keys(localStorage).filter((key) => key.includes(':spill:'));
  const shared = {
    // Pages without TLS have no locks; they lend one another a lease instead.
    locks: random.chance(0.7) ? createLocks(world) : undefined,
    hasKeepalive: random.chance(0.8),
    now: () => Math.round(world.now() + skewMs),
    database,
    localStorage,
    canSpill: () => !hasFullStorage,
  };

  return {
    name,
    pages,
    database,
    open(): Page {
      opened += 1;
      const page = openPage(`${name} page ${opened}`, world, ledger, network, shared, instantiate);
      pages.add(page);
      return page;
    },
    /** Pages that are there: alive, and not in the back-forward cache. */
    current: () => [...pages].filter(({ realm }) => realm.isAlive && !realm.isAsleep),
    jumpClock(ms: number): void {
      skewMs += ms;
    },
    fillStorage(isFull: boolean): void {
      hasFullStorage = isFull;
    },
    /** What waits to be sent. */
    waiting: () => [...database.keys(), ...spills()],
  };
}
