import { type FileHandle, mkdir, open, readdir, rename, rm, statfs, truncate } from 'node:fs/promises';
import { join } from 'node:path';

/** One file being appended to. */
export interface DiskFile {
  /** Writes all of `bytes` at the end. Rejects when the disk takes only a part. */
  append(bytes: Uint8Array): Promise<void>;
  /** Resolves when everything appended is on the medium. After a failure the file is not to be synced again. */
  sync(): Promise<void>;
  /** Cuts the file back to its first `bytes`. */
  truncate(bytes: number): Promise<void>;
  close(): Promise<void>;
}

/** The few things the log does with a folder. Each change of a name is durable when its promise resolves. */
export interface Disk {
  list(): Promise<string[]>;
  read(name: string): Promise<Buffer>;
  /** Creates a file that must not exist. */
  create(name: string): Promise<DiskFile>;
  /** Writes a whole file so that it is there complete or not at all. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  truncate(name: string, bytes: number): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Bytes that this user may still write. */
  free(): Promise<number>;
}

/** A folder of the file system, made where it is missing. */
export async function openDisk(folder: string): Promise<Disk> {
  await mkdir(folder, { recursive: true });
  const at = (name: string) => join(folder, name);

  /** A new, renamed or removed name survives a power loss only when its folder was synced. */
  async function syncFolder(): Promise<void> {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  return {
    list: () => readdir(folder),
    read: (name) => readWhole(at(name)),
    async create(name) {
      const handle = await open(at(name), 'wx', 0o600);
      try {
        await syncFolder();
      } catch (error) {
        await handle.close();
        throw error;
      }
      return fileOf(handle);
    },
    async write(name, bytes) {
      const temporary = `${name}.tmp`;
      await rm(at(temporary), { force: true });
      try {
        // Secrets, salts and interactions: nobody else's business.
        const handle = await open(at(temporary), 'wx', 0o600);
        try {
          await handle.writeFile(bytes);
          await handle.sync();
        } finally {
          await handle.close();
        }
        await rename(at(temporary), at(name));
      } catch (error) {
        // Half a file on a full disk is room that others need.
        await rm(at(temporary), { force: true }).catch(() => undefined);
        throw error;
      }
      await syncFolder();
    },
    async truncate(name, bytes) {
      await truncate(at(name), bytes);
      const handle = await open(at(name), 'r+');
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    },
    async rename(from, to) {
      await rename(at(from), at(to));
      await syncFolder();
    },
    async remove(name) {
      await rm(at(name), { force: true });
      await syncFolder();
    },
    async free() {
      const { blocks, bavail, bsize } = await statfs(folder);
      // Some network file systems do not tell, and say 0 of 0.
      return blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize;
    },
  };
}

/** In as few steps as there can be: `readFile` takes 512 kB at a time, and each step waits behind all requests. */
async function readWhole(path: string): Promise<Buffer> {
  const handle = await open(path, 'r');
  try {
    const bytes = Buffer.allocUnsafeSlow((await handle.stat()).size);
    let at = 0;
    while (at < bytes.byteLength) {
      const { bytesRead } = await handle.read(bytes, at, bytes.byteLength - at, at);
      if (bytesRead === 0) break;
      at += bytesRead;
    }
    return bytes.subarray(0, at);
  } finally {
    await handle.close();
  }
}

function fileOf(handle: FileHandle): DiskFile {
  return {
    async append(bytes) {
      let written = 0;
      while (written < bytes.byteLength) {
        const { bytesWritten } = await handle.write(bytes, written);
        if (bytesWritten === 0) throw new Error('The disk took nothing of a write.');
        written += bytesWritten;
      }
    },
    sync: () => handle.datasync(),
    truncate: (bytes) => handle.truncate(bytes),
    close: () => handle.close(),
  };
}
