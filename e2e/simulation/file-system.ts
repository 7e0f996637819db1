/**
 * A file system that knows what is only written and what is on the medium.
 *
 * It stands in for `node:fs/promises`, so that the collector's own `disk.ts` is simulated too. A killed
 * process loses nothing of it; a power loss takes what was not synced: bytes from the end or by sector,
 * and changes of names from the last one back. Names change in the order of a journal.
 */
import type { World } from './world.ts';

/** Performs `effect` some time later, unless whoever asked is dead by then. */
export type Operate = <Result>(label: string, effect: () => Result) => Promise<Result>;

/** What is wrong with the disk: `full` has room for what is removed from it, and little more; `failing` fails syncs and much else. */
export type DiskTrouble = 'none' | 'full' | 'failing';

interface Inode {
  content: Buffer;
  durable: Buffer;
  /** A sync failed for these bytes. The system takes them for clean: no later sync brings them back. */
  lost: [from: number, to: number][];
}

const SECTOR = 512;
/** What is left on a disk when it fills. */
const MAX_LEFT_BYTES = 2_000;

/** See above. */
export function createFileSystem(world: World, operate: Operate) {
  const { random } = world;
  const names = new Map<string, Inode>();
  const durableNames = new Map<string, Inode>();
  /** Changes of names since the last sync of a folder. */
  let changes: ((map: Map<string, Inode>) => void)[] = [];
  let trouble: DiskTrouble = 'none';
  let capacity = Number.POSITIVE_INFINITY;

  const used = () => {
    let bytes = 0;
    for (const { content } of names.values()) bytes += content.byteLength;
    return bytes;
  };
  const roomLeft = () => Math.max(0, capacity - used());

  const fail = (code: string, what: string) => Object.assign(new Error(`${code}: ${what}`), { code });
  const inodeAt = (path: string) => {
    const inode = names.get(path);
    if (!inode) throw fail('ENOENT', path);
    return inode;
  };
  function rename(change: (map: Map<string, Inode>) => void, what: string): void {
    const hasFailed = trouble === 'failing' && random.chance(0.2);
    if (hasFailed && random.chance(0.5)) throw fail('EIO', what);
    change(names);
    changes.push(change);
    if (hasFailed) throw fail('EIO', what);
  }
  function sync(inode: Inode, what: string): void {
    if (trouble === 'failing' && random.chance(0.5)) {
      inode.lost.push([
        Math.min(inode.durable.byteLength, inode.content.byteLength),
        inode.content.byteLength,
      ]);
      throw fail('EIO', what);
    }
    inode.durable = Buffer.from(inode.content);
    for (const [from, to] of inode.lost) inode.durable.subarray(from, to).fill(0);
  }
  function syncNames(what: string): void {
    if (trouble === 'failing' && random.chance(0.3)) throw fail('EIO', what);
    for (const change of changes) change(durableNames);
    changes = [];
  }
  function write(inode: Inode, bytes: Uint8Array, what: string): number {
    if (trouble === 'failing' && random.chance(0.2)) throw fail('EIO', what);
    const room = Math.min(bytes.byteLength, roomLeft());
    if (room === 0) throw fail('ENOSPC', what);
    inode.content = Buffer.concat([inode.content, bytes.subarray(0, room)]);
    return room;
  }

  function handleOf(path: string, inode: Inode | undefined) {
    const it = inode as Inode; // Folders are only synced.
    const syncIt = () => operate(`sync ${path}`, () => (inode ? sync(inode, path) : syncNames(path)));
    return {
      write: (bytes: Uint8Array, offset = 0) =>
        operate(`write ${path}, ${bytes.byteLength - offset} bytes`, () => ({
          bytesWritten: write(it, bytes.subarray(offset), path),
        })),
      writeFile: (bytes: Uint8Array) =>
        operate(`write ${path}, ${bytes.byteLength} bytes`, () => {
          if (write(it, bytes, path) < bytes.byteLength) throw fail('ENOSPC', path);
        }),
      stat: () => {
        if (!inode) throw fail('ENOENT', path);
        return Promise.resolve({ size: inode.content.byteLength });
      },
      read: (into: Uint8Array, offset: number, length: number, position: number) =>
        operate(`read ${path}`, () => ({
          bytesRead: it.content.copy(into, offset, position, position + length),
        })),
      sync: syncIt,
      datasync: syncIt,
      truncate: (length: number) =>
        operate(`truncate ${path} to ${length}`, () => truncate(it, length, path)),
      close: () => Promise.resolve(),
    };
  }

  function truncate(inode: Inode, length: number, what: string): void {
    if (trouble === 'failing' && random.chance(0.3)) throw fail('EIO', what);
    inode.content = Buffer.from(inode.content.subarray(0, length));
  }

  const promises = {
    mkdir: () => Promise.resolve(),
    readdir: (folder: string) =>
      operate(`list ${folder}`, () =>
        [...names.keys()]
          .filter((path) => path.startsWith(`${folder}/`))
          .map((path) => path.slice(folder.length + 1)),
      ),
    open: (path: string, flags: string) =>
      operate(`open ${path}`, () => {
        if (flags !== 'wx') return handleOf(path, names.get(path));
        if (names.has(path)) throw fail('EEXIST', path);
        if (roomLeft() === 0 && random.chance(0.5)) throw fail('ENOSPC', path);
        const inode: Inode = { content: Buffer.alloc(0), durable: Buffer.alloc(0), lost: [] };
        rename((map) => map.set(path, inode), path);
        return handleOf(path, inode);
      }),
    rename: (from: string, to: string) =>
      operate(`rename ${from} to ${to}`, () => {
        const inode = inodeAt(from);
        rename((map) => {
          map.delete(from);
          map.set(to, inode);
        }, from);
      }),
    statfs: (folder: string) =>
      operate(`room in ${folder}`, () => ({ blocks: 1, bsize: 1, bavail: roomLeft() })),
    rm: (path: string) =>
      operate(`remove ${path}`, () => {
        if (names.has(path)) rename((map) => map.delete(path), path);
      }),
    truncate: (path: string, length: number) =>
      operate(`truncate ${path} to ${length}`, () => truncate(inodeAt(path), length, path)),
  };

  /** What a power loss leaves of a file. */
  function remains({ content, durable }: Inode): Buffer {
    const [least, most] = [content.byteLength, durable.byteLength].sort((a, b) => a - b) as [number, number];
    const rest = Buffer.alloc(random.pick([least, most, random.integer(least, most)]));
    durable.copy(rest);
    const isScattered = random.chance(0.5);
    for (let at = durable.byteLength; at < rest.byteLength; at = (Math.floor(at / SECTOR) + 1) * SECTOR) {
      const isThere = !isScattered || random.chance(0.5);
      if (isThere)
        content.copy(rest, at, at, Math.min(content.byteLength, (Math.floor(at / SECTOR) + 1) * SECTOR));
    }
    return rest;
  }

  return {
    promises,
    names: () => [...names.keys()],
    become(next: DiskTrouble): void {
      trouble = next;
      if (next !== 'full') capacity = Number.POSITIVE_INFINITY;
      // Whoever filled it fills no more: what the collector removes is there for the collector.
      else if (capacity === Number.POSITIVE_INFINITY) capacity = used() + random.integer(0, MAX_LEFT_BYTES);
    },
    losePower(): void {
      for (const change of changes.slice(0, random.integer(0, changes.length))) change(durableNames);
      changes = [];
      names.clear();
      for (const [name, inode] of durableNames) {
        inode.content = inode.durable = remains(inode);
        inode.lost = [];
        names.set(name, inode);
      }
    },
  };
}
