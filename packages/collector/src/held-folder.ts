/** Who holds the folder of an embedded database: one process at a time may have it open. */
import { readFile } from 'node:fs/promises';
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
  return pid > 0 && isAlive(pid) ? { pid, status } : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // Of another user, and alive.
  }
}

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
    const holder = await held();
    if (!holder) throw error;
    throw new Error(
      `The database in ${path} is held by another process (${holder.pid}), which is no collector that answers here. End it, or name another folder with --data-dir.`,
      { cause: error },
    );
  } finally {
    clearTimeout(timer);
  }
}
