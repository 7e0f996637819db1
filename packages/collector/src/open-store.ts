/**
 * Where a collector keeps what it takes: its folder with the log, and the database with its schema.
 */
import { join } from 'node:path';
import type { Config } from './config.ts';
import { type DataFolder, openDataFolder } from './data-folder.ts';
import type { Engine } from './engine/supervisor.ts';
import { createFilling, type Filling } from './filling.ts';
import { type Disk, openDisk } from './log/disk.ts';
import { type Log, openLog } from './log/log.ts';
import { openReserve, type Reserve } from './log/reserve.ts';
import type { OpenOptions } from './open-collector.ts';
import { openDatabase } from './open-database.ts';
import { blocksUnderWay, openPlans, type Plans } from './plan.ts';
import { createExclusive, type Exclusive } from './privacy/exclusive.ts';
import { openRepairNote, type RepairNote } from './repair-note.ts';
import { createSchema, type Schema } from './schema.ts';
import type { WritableDatabase } from './writable-database.ts';

export interface Store {
  folder: DataFolder;
  /** Pseudonyms are made with it. */
  secret: string;
  /** The folder itself; `disk` is that of the log in it. */
  rootDisk: Disk;
  disk: Disk;
  reserve: Reserve;
  log: Log;
  plans: Plans;
  repairNote: RepairNote;
  /** Undefined with a ClickHouse elsewhere. */
  engine: Engine | undefined;
  database: WritableDatabase;
  schema: Schema;
  filling: Filling;
  exclusive: Exclusive;
}

/**
 * Opens folder, engine, schema and log, in this order.
 *
 * @param closers - Gets what closes each of them as soon as it is open.
 * @throws DataFolderTaken, or the error of a secret that is gone or of the engine.
 */
export async function openStore(
  config: Config,
  logger: OpenOptions['log'],
  closers: (() => Promise<void>)[],
): Promise<Store> {
  const folder = await openDataFolder(config.dataDir, config.secret);
  closers.push(folder.release);
  const secret = await folder.secret();

  // Before the engine: on a disk that is full it may need the room.
  const reserve = await openReserve({
    disk: await openDisk(join(folder.path, 'log')),
    maxLogBytes: config.maxLogBytes,
    onChange(isKept) {
      if (isKept) logger.info({}, 'the disk has room again: batches are taken');
      else logger.error({}, 'the disk is full: batches are refused; see docs/operations.md');
    },
  });
  closers.push(reserve.close);
  const { disk } = reserve;

  const { engine, database } = await openDatabase(config, folder.path, logger);
  if (engine) closers.push(engine.close);
  closers.push(database.close);
  const exclusive = createExclusive();
  const filling = createFilling({
    database,
    isAlone: engine !== undefined || config.collectors === 1,
    underWay: () => blocksUnderWay(disk),
    exclusive,
    log: logger,
  });
  const schema = createSchema(database, logger, () => exclusive.run(filling.begin, filling.whyLong));
  // The embedded engine is here or the start fails; a server may come later, and batches are taken meanwhile.
  if (engine) await schema.apply();
  else void schema.applyWhenReachable();
  closers.push(schema.stop, filling.stop);

  const log = await openLog({
    disk,
    maxBytes: config.maxLogBytes - reserve.bytes,
    reserve,
    onFailure: (failure) =>
      logger.error({ error: failure.message }, 'batches are refused: the log takes nothing'),
  });
  for (const segment of log.damaged)
    logger.error(segment, 'a damaged segment was set aside; see docs/operations.md');
  const repairNote = await openRepairNote(disk);
  if (log.damaged.some(({ wasAttempted }) => wasAttempted)) {
    await repairNote.write('A damaged segment had been tried before. Run "turnout verify --repair".');
  }
  reserve.watch(() => log.bytes() === 0);
  const plans = await openPlans(disk);
  const rootDisk = await openDisk(folder.path);
  return {
    folder,
    secret,
    rootDisk,
    disk,
    reserve,
    log,
    plans,
    repairNote,
    engine,
    database,
    schema,
    filling,
    exclusive,
  };
}
