/**
 * The end of a site: what it sent goes, and what of it is still on its way is not stored any more.
 *
 * It begins when the site is out of the sites file, so that its keys open nothing. That it began is on the medium before
 * anything is deleted: a crash costs a repetition, and the next start goes on with it.
 */
import { randomUUID } from 'node:crypto';
import { eraseSite, hasRowsOf, recordErasure } from '@turnout/schema/erase';
import { utcTime } from '../local-date.ts';
import type { Disk } from '../log/disk.ts';
import type { LogRecord } from '../log/record.ts';
import { Problem } from '../problem.ts';
import { readKept } from '../read-kept.ts';
import { settleWriter } from '../settle-writer.ts';
import type { WritableDatabase } from '../writable-database.ts';
import type { Writer } from '../writer.ts';
import { eraseSiteFromDamaged, isOnItsWay } from './damaged-segments.ts';

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
  /** Collectors that may take more of it, where their sites file lists it: this one cannot tell. */
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
  /** How long they take to hear of it; 0 when there are none. */
  othersHearWithinMs: number;
  /** That there was such a site is known, though it may have no row. Otherwise its name is likely misspelt. */
  isKnown: boolean;
  /** Is told of whom the collector must forget everything. */
  onRemoved(siteId: string): Promise<void>;
  now?: () => number;
}

export interface Removals {
  /** True for a record of a site that is gone: it came while the site was being removed, and is not stored. */
  isRemoved(record: Pick<LogRecord, 'key' | 'json'>): boolean;
  /** What another collector removed. */
  learn(siteId: string, at: number): void;
  /** @throws Problem while the site is in the sites file; Error when it cannot be finished now: ask again. */
  remove(
    siteId: string,
    options: RemovalOptions,
    onProgress: (step: object) => void,
  ): Promise<RemovalReceipt>;
  /** Sites whose removal was cut off. */
  pending(): string[];
}

/** Stands in `erasures` for all of a site: no person has this number. */
export const WHOLE_SITE = '0';

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
  const removals = (await readKept<Removal[]>(root, NAME)) ?? [];

  // Until a removal has emptied the log into the tables, what waits there is stored: so the receipt counts it.
  const gone = new Set(removals.filter(({ isDone }) => isDone).map(({ site_id }) => site_id));

  /** What other collectors removed: until when. */
  const heard = new Map<string, string>();
  /** Whose removal is under way here. */
  const leaving = new Set<string>();

  async function keep(next: readonly Removal[]): Promise<void> {
    await root.write(NAME, Buffer.from(JSON.stringify(next)));
    removals.splice(0, removals.length, ...next);
  }
  const others = (siteId: string) => removals.filter(({ site_id }) => site_id !== siteId);
  const note = (removal: Removal) => keep([...others(removal.site_id), removal]);

  return {
    isRemoved({ key, json }) {
      if (gone.size === 0 && heard.size === 0) return false;
      const siteId = key.slice(0, key.indexOf('/'));
      if (gone.has(siteId) && !isListed(siteId)) return true;
      const until = leaving.has(siteId) ? undefined : heard.get(siteId);
      // Where it is still listed, or again, what comes after its end is another site's.
      return until !== undefined && (!isListed(siteId) || takenAt(json) <= until);
    },
    learn(siteId, at) {
      const until = utcTime(at);
      if (until > (heard.get(siteId) ?? '')) heard.set(siteId, until);
    },
    async remove(siteId, options, onProgress) {
      const { database, writer, disk, otherCollectors, onRemoved, now = Date.now } = options;
      if (!SITE_ID.test(siteId))
        throw new Problem(400, 'site_unknown', 'Say which site with "?site=<id>", as the sites file had it.');
      if (isListed(siteId))
        throw new Problem(
          400,
          'site_listed',
          `The site "${siteId}" is in the sites file. Take it out and reload, so that nothing of it comes any more: "turnout site remove" does both.`,
        );
      const isKnown = options.isKnown || others(siteId).length < removals.length;
      // Before anybody is told: that the site is gone stays with the other collectors.
      if (
        !isKnown &&
        otherCollectors > 0 &&
        !(await isOnItsWay(disk, siteId)) &&
        !(await hasRowsOf(database, siteId))
      )
        throw new Problem(404, 'site_unknown', await explainUnknown(database, siteId));
      gone.delete(siteId);
      leaving.add(siteId);
      await note({ site_id: siteId, isDone: false });
      if (otherCollectors > 0) {
        onProgress({ step: 'telling the other collectors', table: 'erasures', done: 0, total: 1 });
        const at = now();
        await recordErasure(database, { id: randomUUID(), site_id: siteId, user_keys: [WHOLE_SITE], at });
        await new Promise((done) => setTimeout(done, options.othersHearWithinMs));
      }
      onProgress({ step: 'storing what is on its way', table: 'interactions', done: 0, total: 1 });
      await settleWriter(writer, disk);
      gone.add(siteId);
      leaving.delete(siteId);
      try {
        const { deleted, remaining } = await eraseSite(database, siteId, onProgress);
        const damaged = await eraseSiteFromDamaged(disk, siteId);
        if (!isKnown && damaged === 0 && Object.keys(deleted).length === 0) {
          await keep(others(siteId));
          gone.delete(siteId);
          throw new Problem(404, 'site_unknown', await explainUnknown(database, siteId));
        }
        await note({ site_id: siteId, isDone: true });
        await onRemoved(siteId);
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

/** When a record was taken: each kind of row says it in a column of its own. */
function takenAt(json: Buffer): string {
  const row = JSON.parse(json.toString('utf8')) as Record<string, string | undefined>;
  return row.received_at ?? row.linked_at ?? row.used_at ?? row.updated_at ?? '';
}

const SITES_NAMED = 20;

async function explainUnknown(database: WritableDatabase, siteId: string): Promise<string> {
  const rows = await database.query<{ site: string }>(
    `SELECT DISTINCT toString(site_id) AS site FROM turnout.interactions ORDER BY site LIMIT ${SITES_NAMED}`,
  );
  const names = rows.map(({ site }) => `"${site}"`).join(', ');
  return `There is no site "${siteId}": the sites file does not list it, and nothing of it is stored. ${names === '' ? 'No site has rows.' : `Sites with rows: ${names}.`}`;
}
