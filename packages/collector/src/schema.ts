import { migrate } from '@turnout/schema/migrate';
import type { WritableDatabase } from './writable-database.ts';

/** Brings the database to this version's tables, now or as soon as it can be reached. */
export interface Schema {
  /** @throws Error when a migration fails or was changed. */
  apply(): Promise<void>;
  /** Tries until it works; a server that is away does not stop batches from being taken. */
  applyWhenReachable(): Promise<void>;
  /** True when the tables are there; rows may still have to wait. */
  isMigrated(): boolean;
  /** Resolves when rows may be stored. */
  applied: Promise<void>;
  stop(): Promise<void>;
}

const TRY_EVERY_MS = 1_000;

/**
 * @param begin - What has to be done before rows may be stored, once the tables are there.
 */
export function createSchema(
  database: WritableDatabase,
  log: { warn(details: object, message: string): void },
  begin: () => Promise<void>,
): Schema {
  let isMigrated = false;
  let isApplied = false;
  let isStopped = false;
  let tell = () => {};
  const applied = new Promise<void>((resolve) => {
    tell = resolve;
  });
  async function apply(): Promise<void> {
    await migrate(database, { leavesBackfill: true });
    isMigrated = true;
    await begin();
    isApplied = true;
    tell();
  }
  return {
    apply,
    async applyWhenReachable() {
      while (!isApplied && !isStopped) {
        try {
          await apply();
        } catch (error) {
          log.warn(
            { error: String(error) },
            isMigrated
              ? 'rows cannot be stored yet; trying again'
              : 'the tables cannot be made yet; trying again',
          );
          await new Promise((resolve) => setTimeout(resolve, TRY_EVERY_MS));
        }
      }
    },
    isMigrated: () => isMigrated,
    applied,
    async stop() {
      isStopped = true;
    },
  };
}
