import type { Disk, DiskFile } from '../log/disk.ts';
import type { WritableDatabase } from '../writable-database.ts';

/** When the process dies: just before or just after its n-th step on disk or database. */
export interface CrashPoint {
  step: number;
  when: 'before' | 'after';
}

/** The process is dead: nothing it does reaches disk or database any more. */
class Crash extends Error {}

/** Counts the steps of one process, and kills it at a point. */
export function aProcess(point?: CrashPoint) {
  const steps: string[] = [];
  const files: DiskFile[] = [];
  let isDead = false;

  /** One step that changes something outside of the process. */
  async function step<Result>(name: string, act: () => Promise<Result>): Promise<Result> {
    if (isDead) throw new Crash(name);
    const number = steps.push(name) - 1;
    if (number !== point?.step) return act();
    isDead = true;
    if (point.when === 'after') await act();
    throw new Crash(name);
  }

  /** A step that only looks. */
  const look = <Result>(act: () => Promise<Result>) => (isDead ? Promise.reject(new Crash()) : act());

  const onFile = (name: string, file: DiskFile): DiskFile => ({
    append: (bytes) => step(`append ${name}`, () => file.append(bytes)),
    sync: () => step(`sync ${name}`, () => file.sync()),
    truncate: (bytes) => step(`truncate ${name}`, () => file.truncate(bytes)),
    close: async () => {
      files.splice(files.indexOf(file), 1);
      await file.close();
    },
  });

  return {
    steps,
    /** What the system does for a dead process. */
    async closeFiles() {
      for (const file of files.splice(0)) await file.close();
    },
    onDisk: (disk: Disk): Disk => ({
      list: () => look(() => disk.list()),
      free: () => look(() => disk.free()),
      read: (name) => look(() => disk.read(name)),
      create: (name) =>
        step(`create ${name}`, async () => {
          const file = await disk.create(name);
          files.push(file);
          return onFile(name, file);
        }),
      write: (name, bytes) => step(`write ${name}`, () => disk.write(name, bytes)),
      truncate: (name, bytes) => step(`truncate ${name}`, () => disk.truncate(name, bytes)),
      rename: (from, to) => step(`rename ${from}`, () => disk.rename(from, to)),
      remove: (name) => step(`remove ${name}`, () => disk.remove(name)),
    }),
    onDatabase: (database: WritableDatabase): WritableDatabase => ({
      ...database,
      query: (sql, parameters) => look(() => database.query(sql, parameters)),
      insertBlock: (table, token, rows) =>
        step(`insert ${table}`, () => database.insertBlock(table, token, rows)),
    }),
  };
}
