import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isOwner } from './data-folder.ts';

/** How the other commands find a running collector: `run.json` in its data directory, readable by its owner. */
export interface RunFile {
  pid: number;
  url: string;
  sql_url: string;
  admin_token: string;
  /** What `turnout serve` loads again on SIGHUP; missing where that signal means something else. */
  sites_file?: string | undefined;
}

const pathOf = (dataDir: string) => join(dataDir, 'run.json');

export async function writeRunFile(dataDir: string, run: RunFile): Promise<void> {
  await rm(pathOf(dataDir), { force: true }); // `mode` counts only for a new file.
  await writeFile(pathOf(dataDir), `${JSON.stringify(run, null, 2)}\n`, { mode: 0o600 });
  await chmod(pathOf(dataDir), 0o600);
}

export async function removeRunFile(dataDir: string): Promise<void> {
  await rm(pathOf(dataDir), { force: true });
}

/**
 * The collector that runs on this data directory, or undefined: a file left behind by a crash is not one.
 *
 * @throws Error when it has the directory and does not answer: nobody else could open it.
 */
export async function findRunning(dataDir: string): Promise<RunFile | undefined> {
  let run: RunFile;
  try {
    run = JSON.parse(await readFile(pathOf(dataDir), 'utf8')) as RunFile;
  } catch {
    return undefined; // No file, or one that a crash cut off: nothing is running by it.
  }
  // What a crash left behind may name an address at which the collector of another folder listens by now, or a process
  // that is something else by now.
  if (!(await isOwner(dataDir, run.pid))) return undefined;
  try {
    const { ok } = await fetch(`${run.url}/healthz`, { signal: AbortSignal.timeout(5_000) });
    return ok ? run : undefined;
  } catch {
    throw new Error(
      `The collector of ${dataDir} (process ${run.pid}) does not answer at ${run.url}: it is about to stop, or has too much to do. Say this again in a moment.`,
    );
  }
}
