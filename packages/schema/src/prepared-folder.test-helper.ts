/**
 * Data directories that the tests of a run start from.
 *
 * To make all tables takes the engine a second of work, and hundreds of tests want nothing of that but the tables. So
 * the first that needs a data directory has it made, by the real migrations in the real engine, and everybody takes a
 * copy of its files. Tests of migrating, of filling and of first starts begin with nothing.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Where a run of tests keeps them (`scripts/folder-of-run.ts`). */
const { TURNOUT_TEST_FOLDER: OF_RUN } = process.env;
/** What this process makes or has made: tests of a file that run beside each other wait for the same one. */
const beingMade = new Map<string, Promise<void>>();

/**
 * Makes `folder` a copy of what was prepared under this name.
 *
 * @param prepare - Makes it, in a folder that is there and empty, and leaves no process behind that has it open.
 */
export async function copyPrepared(
  name: string,
  prepare: (folder: string) => Promise<void>,
  folder: string,
): Promise<void> {
  // Outside of a run, as in a soak, nobody would tidy up.
  if (OF_RUN === undefined) return prepare(folder);
  const prepared = join(OF_RUN, name);
  const make = async () => {
    const own = `${prepared}-${process.pid}`;
    await mkdir(own);
    await prepare(own);
    // Another worker may have been faster: what it made is as good.
    await rename(own, prepared).catch(() => rm(own, { recursive: true }));
  };
  if (!existsSync(prepared)) {
    const making = beingMade.get(name) ?? make();
    beingMade.set(name, making);
    making.catch(() => beingMade.delete(name)); // The next test may have more luck.
    await making;
  }
  // The links among its files are relative, and stay so; `fs.cp` would bend them.
  await promisify(execFile)('cp', ['-R', `${prepared}/.`, folder]);
}
