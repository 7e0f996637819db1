import { createHash } from 'node:crypto';
import { readFile as readFromDisk } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import type { Script } from './dependencies.ts';

const { resolve } = createRequire(import.meta.url);

/** What the script tag and the scripts themselves may ask for by name. */
const NAMES = ['t.js', 't-all.js', 't-debug.js', 't-vitals.js'];

interface Integrity {
  file: string;
  all: { file: string };
}

/**
 * Reads files of the script tag, as `@turnout/sdk` publishes them, each read and compressed once: `t.js` and `t-all.js`,
 * what they load from beside themselves, and both under a versioned address that never shows anything else.
 */
export function createScripts(
  readFile: (path: string) => Promise<Buffer> = readFromDisk,
): (name: string) => Promise<Script | undefined> {
  const kept = new Map<string, Promise<unknown>>();

  /** What failed, such as with too many files open, is tried again by whoever asks next. */
  function once<Value>(name: string, read: () => Promise<Value>): Promise<Value> {
    const known = kept.get(name) as Promise<Value> | undefined;
    if (known) return known;
    const value = read();
    kept.set(name, value);
    value.catch(() => kept.delete(name));
    return value;
  }

  async function readIntegrity(): Promise<Integrity> {
    return JSON.parse(String(await readFile(resolve('@turnout/sdk/sri.json'))));
  }

  async function read(name: string, isImmutable: boolean): Promise<Script> {
    const bytes = await readFile(resolve(`@turnout/sdk/${name}`));
    const [br, gz] = await Promise.all([promisify(brotliCompress)(bytes), promisify(gzip)(bytes)]);
    return {
      isImmutable,
      body: bytes.toString('utf8'),
      packed: { br: new Uint8Array(br), gzip: new Uint8Array(gz) },
      etag: `"${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}"`,
    };
  }

  return async (name) => {
    const { file, all } = await once('sri.json', readIntegrity);
    const versioned: Record<string, string | undefined> = { [file]: 't.js', [all.file]: 't-all.js' };
    const source = versioned[name] ?? name;
    if (!NAMES.includes(source)) return undefined;
    return once(name, () => read(source, source !== name));
  };
}
