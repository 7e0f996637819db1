import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes that the engine can read like a file, until `close` or the end of the process. */
export interface UnnamedFile {
  path: string;
  close(): Promise<void>;
}

/**
 * Puts bytes into a file that has no name any more, so that nothing stays behind, however this process ends.
 *
 * Its path goes by its number: whatever the folder is called, nothing in it looks like a pattern to the engine. (A
 * pattern that matches no file inserts no row, and says nothing.)
 *
 * @param folder - Where the room is taken from.
 * @throws What the file system says, such as ENOSPC.
 */
export async function unnamedFile(folder: string, bytes: Uint8Array): Promise<UnnamedFile> {
  const name = join(folder, `insert-${randomUUID()}`);
  const file = await open(name, 'wx+', 0o600);
  try {
    await rm(name);
    await writeAll(file, bytes);
    return { path: `/dev/fd/${file.fd}`, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** At their positions: whoever reads through the number may share the place where reading begins. */
async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  let at = 0;
  while (at < bytes.byteLength) at += (await file.write(bytes, at, bytes.byteLength - at, at)).bytesWritten;
}
