import { local } from './local-storage.ts';
import { uuidv7 } from './uuid.ts';

/** A lease that nobody renews is over after this long: its tab is gone. */
const LEASE_MS = 10_000;
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
    } catch {
      // Locks are refused to opaque origins, which share nothing with other tabs either.
      if (!hasRun) await work();
    }
    return true;
  }
  me ||= uuidv7(); // Not at import: some servers allow no random values there.
  const [holder, until] = local.read(name)?.split(' ') ?? [];
  if (holder && holder !== me && Number(until) > Date.now()) return false;
  const renew = () => local.write(name, `${me} ${Date.now() + LEASE_MS}`);
  renew();
  const renewing = setInterval(renew, LEASE_MS / 3);
  try {
    await work();
  } finally {
    clearInterval(renewing);
    local.remove(name);
  }
  return true;
}
