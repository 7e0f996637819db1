import { now } from './clock.ts';
import { listen } from './listen.ts';
import { local } from './local-storage.ts';

/** A lease is over after this long, which is longer than an attempt takes: its tab is gone. */
const LEASE_MS = 40_000;

/**
 * Runs `work`, which never rejects, while no other tab of this origin runs work of the same name. Resolves
 * with false when it did not get its turn.
 *
 * Web Locks where there are any (pages with TLS), else a lease in localStorage. The lease is a courtesy:
 * two tabs may still meet, and the collector recognises what both send.
 */
export async function exclusive(name: string, work: () => Promise<void>): Promise<boolean> {
  try {
    await navigator.locks.request(name, work);
  } catch {
    // There are none, or they are refused to an opaque origin, which shares nothing with other tabs either.
    const left = Number(local.read(name)) - now();
    // A longer one was taken by a clock that ran ahead, and was put right since.
    if (left > 0 && left <= LEASE_MS) return false;
    local.write(name, `${now() + LEASE_MS}`);
    const giveBack = () => local.remove(name);
    // Nothing of the work outlives the page, and the next one has what is left to send.
    const stop = listen('pagehide', giveBack);
    await work();
    stop();
    giveBack();
  }
  return true;
}
