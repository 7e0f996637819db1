import { existsSync } from 'node:fs';
import { chown, type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import type { Edited } from '../edit-sites.ts';
import { readSitesText } from './read-sites-text.ts';

const WAIT_MS = 20;
/** A change takes some milliseconds: a file that old was left behind by a command that was killed. */
const ABANDONED_MS = 10_000;

/**
 * Changes a sites file: whole or not at all, because a collector may read it at any moment, and one command at a time,
 * because the second would write over what the first one read and changed.
 *
 * @param change - Gets the text as it stands; undefined when there is no file yet.
 * @param dataDir - Whom it belongs to, a new file belongs to.
 * @throws Error with the problems of the change; the file is as before.
 */
export async function changeSitesFile(
  path: string,
  change: (text: string | undefined) => Edited,
  dataDir: string,
): Promise<void> {
  // A link stays one: what it leads to is changed.
  const file = existsSync(path) ? await realpath(path) : path;
  const temporary = `${file}.new`;
  const before = await stat(file).catch(() => undefined);
  const handle = await takeTurn(temporary, before ? before.mode & 0o777 : 0o600);
  try {
    const edited = change(existsSync(file) ? await readSitesText(file) : undefined);
    if ('problems' in edited) throw new Error(`${path}: ${edited.problems.join('\n')}`);
    await handle.writeFile(edited.text);
    await handle.sync();
    // An administrator types this; the collector, which is somebody else, has to be able to read the file afterwards.
    const owner = before ?? (await stat(dataDir).catch(() => undefined));
    if (owner && process.getuid?.() === 0) await chown(temporary, owner.uid, owner.gid);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

/** The file that becomes the new one is the lock, too: there is one of it. */
async function takeTurn(temporary: string, mode: number): Promise<FileHandle> {
  for (;;) {
    try {
      return await open(temporary, 'wx', mode);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const begun = (await stat(temporary).catch(() => undefined))?.mtimeMs ?? Date.now();
    // Or the clock was put back.
    if (Math.abs(Date.now() - begun) > ABANDONED_MS) await rm(temporary, { force: true });
    await new Promise((done) => setTimeout(done, WAIT_MS));
  }
}
