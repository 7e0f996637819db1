import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { Script } from './dependencies.ts';

let script: Promise<Script> | undefined;

/** The script tag's file, as `@turnout/sdk` publishes it, read and compressed once. */
export function readScript(): Promise<Script> {
  script ??= readFile(createRequire(import.meta.url).resolve('@turnout/sdk/t.js')).then((bytes) => ({
    body: bytes.toString('utf8'),
    packed: { br: new Uint8Array(brotliCompressSync(bytes)), gzip: new Uint8Array(gzipSync(bytes)) },
    etag: `"${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}"`,
  }));
  return script;
}
