import { now } from './clock.ts';
import { local } from './local-storage.ts';
import { uuidv7 } from './uuid.ts';

/** A lease is over after this long, which is longer than an attempt takes: its tab is gone. */
const LEASE_MS = 40_000;
let me = '';

/**
 * Runs `work` while no other tab of this origin runs work of the same name. Resolves with false when it
 * did not get its turn.
 *
 * Web Locks where there are any (pages with TLS), else a lease in localStorage. The lease is a courtesy:
 * two tabs may still meet, and the collector recognises what both send.
 */
export async function exclusive(name: string, work: () => Promise<void>): Promise<boolean> {
  if (navigator.locks) {
    let hasRun = false;
    try {
      await navigator.locks.request(name, () => {
        hasRun = true;
        return work();
      });
    } catch (error) {
      // Locks are refused to opaque origins, which share nothing with other tabs either.
      if (hasRun) throw error;
      await work();
    }
    return true;
  }
  me ||= uuidv7(); // Not at import: some servers allow no random values there.
  const [holder, until] = local.read(name)?.split(' ') ?? [];
  if (holder && holder !== me && Number(until) > now()) return false;
  local.write(name, `${me} ${now() + LEASE_MS}`);
  try {
    await work();
  } finally {
    local.remove(name);
  }
  return true;
}
