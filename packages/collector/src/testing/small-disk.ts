import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Disk, openDisk } from '../log/disk.ts';

/** A folder on a disk of so many bytes, which others may fill. */
export async function aSmallDisk(folder: string, capacity: number) {
  const disk = await openDisk(folder);
  let ofOthers = 0;

  async function free(): Promise<number> {
    let used = ofOthers;
    for (const name of await disk.list()) used += (await stat(join(folder, name))).size;
    return Math.max(0, capacity - used);
  }

  const full = () => Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  const small: Disk = {
    ...disk,
    free,
    async create(name) {
      const file = await disk.create(name);
      return {
        ...file,
        async append(bytes) {
          const room = await free();
          await file.append(bytes.subarray(0, room));
          if (room < bytes.byteLength) throw full();
        },
      };
    },
    async write(name, bytes) {
      // The old file is there until the new one is whole.
      if ((await free()) < bytes.byteLength) throw full();
      await disk.write(name, bytes);
    },
  };
  return {
    disk: small,
    /** Others take all that is left. */
    async fill() {
      ofOthers += await free();
    },
    /** Others remove what they have. */
    clear() {
      ofOthers = 0;
    },
  };
}
