import { askBriefly } from './ask-briefly.ts';
import type { Readiness } from './dependencies.ts';
import type { Log } from './log/log.ts';
import type { Reserve } from './log/reserve.ts';
import { publicReason } from './public-reason.ts';
import type { RepairNote } from './repair-note.ts';
import type { Storing } from './storing.ts';
import type { WritableDatabase } from './writable-database.ts';

export interface ReadinessSources {
  log: Log;
  reserve: Pick<Reserve, 'isKept'>;
  database: WritableDatabase;
  isMigrated: () => boolean;
  /** What is being filled from raw; undefined when all rollups have their history. */
  filling: () => string | undefined;
  repairNote: RepairNote;
  storing: Pick<Storing, 'state'>;
}

/**
 * Says whether batches are taken, and everything that a person should look at. Batches are taken while the
 * database is away; only a full log, a full disk, or tables that were never made, stop them from being promised.
 */
export async function readReadiness(sources: ReadinessSources): Promise<Readiness> {
  const { log, reserve, database, repairNote } = sources;
  const failure = log.failure();
  const isKept = reserve.isKept();
  const isMigrated = sources.isMigrated();
  const detached = await countDetachedParts(database);
  const damaged = log.damaged.map(({ name, saved }) => `${name} (${saved} records saved)`).join(', ');
  return {
    ready: !failure && isKept && isMigrated,
    checks: {
      log: failure ? stateOf(failure) : 'ok',
      reserve: isKept
        ? 'ok'
        : 'given up: the disk is full, and batches are refused until the log is stored and there is room again',
      damaged_segments: damaged === '' ? 'ok' : `set aside, look at the disk: ${damaged}`,
      database: detached === undefined ? `unreachable; ${log.bytes()} bytes wait in the log` : 'ok',
      storing: sources.storing.state(log),
      detached_parts: detached
        ? `${detached} parts were broken and set aside: run "turnout verify --repair"`
        : 'ok',
      migrations: isMigrated ? 'ok' : 'not applied yet',
      rollups: repairNote.reason() ?? sources.filling() ?? 'ok',
    },
  };
}

/** What the system says of a file names it. Limits are our own words. */
const stateOf = ({ message, cause }: Error) =>
  cause === undefined ? message : `cannot be written: ${publicReason(cause)}`;

/** Parts that the engine found broken and set aside; undefined when it does not answer in time. */
export async function countDetachedParts(database: WritableDatabase): Promise<number | undefined> {
  const rows = await askBriefly((signal) =>
    database.query<{ parts: number }>(
      `SELECT toUInt32(count()) AS parts FROM system.detached_parts WHERE database = 'turnout' AND reason != ''`,
      undefined,
      signal,
    ),
  );
  return rows?.[0]?.parts;
}
