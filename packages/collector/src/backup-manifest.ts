/** What a backup says of itself, and whether it is still so. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

export const MANIFEST = 'backup.json';

/** `backup.json`, written last: a folder without it is no whole backup. */
export interface Manifest {
  version: 1;
  created_at: string;
  /** False where ClickHouse is a server of its own, which makes its own backups. */
  database: boolean;
  /** False where TURNOUT_SECRET names it: whoever restores has to bring the same. */
  secret: boolean;
  segments: number;
  /** What lies beside the database, as it was when it was copied. Older backups do not say. */
  files?: { [name: string]: { bytes: number; sha256: string } };
}

/** How a file is told from one that was cut off or damaged. */
export async function contentOf(path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path)) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).byteLength;
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** @throws Error when the folder is no whole backup. */
export async function readManifest(from: string): Promise<Manifest> {
  let manifest: Manifest;
  try {
    manifest = JSON.parse(await readFile(join(from, MANIFEST), 'utf8')) as Manifest;
  } catch {
    throw new Error(
      `${resolve(from)} is no backup, or one that was cut off: it has no readable ${MANIFEST}. Name a folder that "turnout backup" has filled.`,
    );
  }
  if (manifest.version !== 1)
    throw new Error(
      `The backup in ${resolve(from)} was made by a newer version of Turnout. Restore it with that.`,
    );
  return manifest;
}

/**
 * Compares the files beside the database with what they were. A segment that was cut off would be taken for the ordinary
 * trace of a crash, and a secret that is missing would be made anew: both without a word.
 *
 * @throws Error that names each file.
 */
export async function requireWhole(from: string, { files = {} }: Manifest): Promise<void> {
  const problems: string[] = [];
  for (const [name, was] of Object.entries(files)) {
    const is = await contentOf(join(from, name)).catch((error: NodeJS.ErrnoException) => error.code);
    if (typeof is !== 'object') problems.push(`${name} cannot be read (${is})`);
    else if (is.bytes !== was.bytes) problems.push(`${name} has ${is.bytes} bytes, and had ${was.bytes}`);
    else if (is.sha256 !== was.sha256) problems.push(`${name} has other bytes than it had`);
  }
  if (problems.length > 0) throw damaged(from, problems);
}

/** What whoever wants to restore it should hear. */
export function damaged(from: string, problems: readonly string[]): Error {
  return new Error(
    `The backup in ${resolve(from)} is damaged: ${problems.join('; ')}. Restore another one. ` +
      `If there is none, take "files" out of its ${MANIFEST}: then what is left of it is restored.`,
  );
}
