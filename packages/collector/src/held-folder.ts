/** Who holds the folder of an embedded database: one process at a time may have it open. */
import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A process that has a database open. */
interface Holder {
  pid: number;
  /** Its own words, which another holder would not repeat. */
  status: string;
}

/** Undefined when nobody has it open; what a crash left behind names a process that is gone. */
async function holderOf(path: string): Promise<Holder | undefined> {
  // ClickHouse writes it when it locks the folder, and removes it when it closes.
  const status = await readFile(join(path, 'status'), 'utf8').catch(() => '');
  const pid = Number(/^PID: (\d+)$/m.exec(status)?.[1]);
  if (!(pid > 0 && isAlive(pid))) return undefined;
  return (await hasOpen(pid, join(path, 'status'))) === false ? undefined : { pid, status };
}

/** Where ids of processes are few, as in a container, another one soon has that of an engine that died. */
async function hasOpen(pid: number, path: string): Promise<boolean | undefined> {
  const folder = `/proc/${pid}/fd`;
  const held = await stat(path, { bigint: true }).catch(() => undefined);
  // No such system, or another user's process: only the status tells.
  const files = await readdir(folder).catch(() => undefined);
  if (!held || !files) return existsSync('/proc/self') && !existsSync(`/proc/${pid}`) ? false : undefined;
  for (const file of files) {
    const open = await stat(join(folder, file), { bigint: true }).catch(() => undefined);
    if (open?.ino === held.ino && open.dev === held.dev) return true;
  }
  return false;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // Of another user, and alive.
  }
}

/** What chdb throws when it cannot open a folder, for whatever reason: that it is locked goes to standard error only. */
const NOT_OPENED = /^Failed to create connection/;
/** An engine that finds the folder free writes its own status before that. */
const LOOK_AFTER_MS = 1_500;

/**
 * Opens what lies in a folder, and says when that waits for somebody else.
 *
 * @throws Error naming who holds it, when `open` has lost its patience.
 */
export async function openWhenFree<Opened>(
  path: string,
  open: () => Promise<Opened>,
  log: { warn(details: object, message: string): void },
): Promise<Opened> {
  const before = await holderOf(path);
  const held = async () => {
    const now = before && (await holderOf(path));
    return now?.status === before?.status ? before : undefined;
  };
  const timer = setTimeout(async () => {
    const holder = await held();
    if (holder)
      log.warn(
        { pid: holder.pid, path },
        `waiting for the data directory, which another engine (process ${holder.pid}) holds; one that lost its collector closes by itself`,
      );
  }, LOOK_AFTER_MS);
  try {
    return await open();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const holder = NOT_OPENED.test(why) ? await held() : undefined;
    if (!holder) throw error;
    throw new Error(
      `The database in ${path} is held by another process (${holder.pid}), which is no collector that answers here. End it, or name another folder with --data-dir. The engine says: ${why}`,
      { cause: error },
    );
  } finally {
    clearTimeout(timer);
  }
}
