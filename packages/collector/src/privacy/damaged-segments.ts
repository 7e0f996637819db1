import type { Disk } from '../log/disk.ts';

const LINE_BREAK = 10;

/** Takes people out of the segments that were set aside because they are damaged. */
export async function eraseFromDamaged(disk: Disk, userKeys: readonly string[]): Promise<number> {
  const marks = new Set(userKeys);
  return eraseLines(disk, (line) =>
    [...line.matchAll(/"(?:user|visitor)_key":"(\d+)"/g)].some(([, key]) => marks.has(key ?? '')),
  );
}

/** The same for all of a site. A line is `checksum kind site/id json`. */
export function eraseSiteFromDamaged(disk: Disk, siteId: string): Promise<number> {
  return eraseLines(disk, (line) => isOfSite(line, siteId));
}

const isOfSite = (text: string, siteId: string) =>
  text.includes(` ${siteId}/`) || text.includes(`"site_id":"${siteId}"`);

/** Whether anything of a site waits in the log, damaged segments included. */
export async function isOnItsWay(disk: Pick<Disk, 'list' | 'read'>, siteId: string): Promise<boolean> {
  for (const name of await disk.list()) {
    // One that is gone by now was stored meanwhile.
    const bytes = await disk.read(name).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      return Buffer.alloc(0);
    });
    if (isOfSite(bytes.toString('latin1'), siteId)) return true;
  }
  return false;
}

/**
 * Takes lines out of damaged segments. Everything else in them stays as it is, for whoever looks into the damage.
 *
 * @returns How many lines went.
 */
async function eraseLines(disk: Disk, isGone: (line: string) => boolean): Promise<number> {
  let gone = 0;
  for (const name of await disk.list()) {
    if (!name.endsWith('.damaged')) continue;
    const bytes = await disk.read(name);
    const kept: Buffer[] = [];
    let removed = 0;
    for (let at = 0; at < bytes.byteLength; ) {
      const end = bytes.indexOf(LINE_BREAK, at);
      const next = end < 0 ? bytes.byteLength : end + 1;
      const line = bytes.subarray(at, next);
      if (isGone(line.toString('latin1'))) removed += 1;
      else kept.push(line);
      at = next;
    }
    if (removed > 0) await disk.write(name, Buffer.concat(kept));
    gone += removed;
  }
  return gone;
}
