/**
 * The files of a writer in the storage of a Durable Object: whole or not there, durable when `write` resolves.
 */
import type { Disk } from '../log/disk.ts';
import type { ObjectStorage } from './bindings.ts';

/** What the writer does with its files. */
export type ObjectDisk = Pick<Disk, 'list' | 'read' | 'write' | 'remove'>;

/** A value holds 2 MB (https://developers.cloudflare.com/durable-objects/platform/limits/). */
const CHUNK_BYTES = 1_000_000;

const FILE = 'file/';
const CHUNK = 'chunk/';
const chunkKey = (name: string, index: number) => `${CHUNK}${name}/${index}`;

export function diskOver(storage: ObjectStorage): ObjectDisk {
  const countOf = async (within: ObjectStorage, name: string) =>
    (await within.get<{ chunks: number }>(`${FILE}${name}`))?.chunks;

  return {
    async list() {
      return [...(await storage.list({ prefix: FILE })).keys()].map((key) => key.slice(FILE.length));
    },
    async read(name) {
      const chunks = (await countOf(storage, name)) ?? 0;
      const parts: Uint8Array[] = [];
      for (let index = 0; index < chunks; index += 1)
        parts.push((await storage.get<Uint8Array>(chunkKey(name, index))) ?? new Uint8Array());
      return Buffer.concat(parts);
    },
    write: (name, bytes) =>
      storage.transaction(async (within) => {
        await removeFrom(within, name);
        const chunks = Math.ceil(bytes.byteLength / CHUNK_BYTES);
        for (let index = 0; index < chunks; index += 1) {
          // A copy: a view would be stored with all that lies behind it.
          const chunk = new Uint8Array(bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES));
          await within.put({ [chunkKey(name, index)]: chunk });
        }
        await within.put({ [`${FILE}${name}`]: { chunks } });
      }),
    remove: (name) => storage.transaction((within) => removeFrom(within, name)),
  };

  async function removeFrom(within: ObjectStorage, name: string): Promise<void> {
    const chunks = await countOf(within, name);
    if (chunks === undefined) return;
    for (let index = 0; index < chunks; index += 1) await within.delete([chunkKey(name, index)]);
    await within.delete([`${FILE}${name}`]);
  }
}
