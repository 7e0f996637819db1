import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileToRead } from './name-file.ts';

/** @throws Error when it is no JSON file with sites. */
export async function readSitesText(path: string): Promise<string> {
  const text = await readFile(await fileToRead(path), 'utf8');
  try {
    const { sites } = JSON.parse(text) as { sites?: unknown };
    if (Array.isArray(sites)) return text;
  } catch {
    // Said below: where in a file JSON ends is of little help.
  }
  throw new Error(`${resolve(path)} is no sites file: it has to be JSON with a list of "sites".`);
}
