/**
 * The end of a site: what it sent goes, and what of it is still on its way is not stored any more.
 *
 * It begins when the site is out of the sites file, so that its keys open nothing. That it began is on the medium before
 * anything is deleted: a crash costs a repetition, and the next start goes on with it.
 */
import { eraseSite } from '@turnout/schema/erase';
import type { Disk } from '../log/disk.ts';
import type { LogRecord } from '../log/record.ts';
import { Problem } from '../problem.ts';
import { settleWriter } from '../settle-writer.ts';
import type { WritableDatabase } from '../writable-database.ts';
import type { Writer } from '../writer.ts';
import { eraseSiteFromDamaged } from './damaged-segments.ts';

/** What was done, for whoever asked. */
export interface RemovalReceipt {
  site_id: string;
  finished_at: string;
  /** Rows deleted, by table. A removal that was cut off reports what was left to delete. */
  deleted: { [table: string]: number };
  /** Records taken out of segments that were set aside. */
  damaged_records: number;
  /** Rows that are left. */
  remaining: 0;
  /** Collectors that may have something of it in their logs still, or take more: this one cannot tell. */
  other_collectors: number;
}

interface Removal {
  site_id: string;
  /** The tables are rid of it. */
  isDone: boolean;
}

interface RemovalOptions {
  database: WritableDatabase;
  writer: Pick<Writer, 'drain' | 'pause' | 'resume'>;
  /** The log's folder. */
  disk: Disk;
  /** How many more collectors write into this database. */
  otherCollectors: number;
  /** Is told of whom the collector must forget everything. */
  onRemoved(siteId: string): void;
  now?: () => number;
}

export interface Removals {
  /** True for a record of a site that is gone: it came while the site was being removed, and is not stored. */
  isRemoved(record: Pick<LogRecord, 'key'>): boolean;
  /** @throws Problem while the site is in the sites file; Error when it cannot be finished now: ask again. */
  remove(
    siteId: string,
    options: RemovalOptions,
    onProgress: (step: object) => void,
  ): Promise<RemovalReceipt>;
  /** Sites whose removal was cut off. */
  pending(): string[];
}

const NAME = 'removed-sites.json';
const SITE_ID = /^[a-z0-9][a-z0-9_-]{0,49}$/;

/**
 * Opens what a data folder knows of sites that are gone.
 *
 * @param root - The data folder.
 * @param isListed - Whether the sites file has it (again): then it is no removed site.
 */
export async function openRemovals(
  root: Pick<Disk, 'list' | 'read' | 'write'>,
  isListed: (siteId: string) => boolean,
): Promise<Removals> {
  const removals: Removal[] = (await root.list()).includes(NAME)
    ? (JSON.parse(String(await root.read(NAME))) as Removal[])
    : [];

  // Until a removal has emptied the log into the tables, what waits there is stored: so the receipt counts it.
  const gone = new Set(removals.filter(({ isDone }) => isDone).map(({ site_id }) => site_id));

  async function note(removal: Removal): Promise<void> {
    const others = removals.filter(({ site_id }) => site_id !== removal.site_id);
    await root.write(NAME, Buffer.from(JSON.stringify([...others, removal])));
    removals.splice(0, removals.length, ...others, removal);
  }

  return {
    isRemoved({ key }) {
      if (gone.size === 0) return false;
      const siteId = key.slice(0, key.indexOf('/'));
      return gone.has(siteId) && !isListed(siteId);
    },
    async remove(siteId, { database, writer, disk, otherCollectors, onRemoved, now = Date.now }, onProgress) {
      if (!SITE_ID.test(siteId))
        throw new Problem(400, 'site_unknown', 'Say which site with "?site=<id>", as the sites file had it.');
      if (isListed(siteId))
        throw new Problem(
          400,
          'site_listed',
          `The site "${siteId}" is in the sites file. Take it out and reload, so that nothing of it comes any more: "turnout site remove" does both.`,
        );
      gone.delete(siteId);
      await note({ site_id: siteId, isDone: false });
      onProgress({ step: 'storing what is on its way', table: 'interactions', done: 0, total: 1 });
      await settleWriter(writer, disk);
      gone.add(siteId);
      try {
        const { deleted, remaining } = await eraseSite(database, siteId, onProgress);
        const damaged = await eraseSiteFromDamaged(disk, siteId);
        await note({ site_id: siteId, isDone: true });
        onRemoved(siteId);
        return {
          site_id: siteId,
          finished_at: new Date(now()).toISOString(),
          deleted,
          damaged_records: damaged,
          remaining,
          other_collectors: otherCollectors,
        };
      } finally {
        writer.resume();
      }
    },
    pending: () =>
      removals.filter(({ site_id, isDone }) => !isDone && !isListed(site_id)).map(({ site_id }) => site_id),
  };
}
