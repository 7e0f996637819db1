import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import type { Script } from './dependencies.ts';

const { resolve } = createRequire(import.meta.url);
const scripts = new Map<string, Promise<Script>>();

/** What the script tag and the scripts themselves may ask for by name. */
const NAMES = ['t.js', 't-all.js', 't-debug.js', 't-vitals.js'];

interface Integrity {
  file: string;
  all: { file: string };
}

/**
 * A file of the script tag, as `@turnout/sdk` publishes it, read and compressed once: `t.js` and `t-all.js`, what they
 * load from beside themselves, and both under a versioned address that never shows anything else.
 */
export async function readScript(name: string): Promise<Script | undefined> {
  const { file, all } = await readIntegrity();
  const versioned: Record<string, string | undefined> = { [file]: 't.js', [all.file]: 't-all.js' };
  const source = versioned[name] ?? name;
  if (!NAMES.includes(source)) return undefined;
  const script = scripts.get(name) ?? read(source, source !== name);
  scripts.set(name, script);
  return script;
}

async function readIntegrity(): Promise<Integrity> {
  return JSON.parse(await readFile(resolve('@turnout/sdk/sri.json'), 'utf8'));
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
