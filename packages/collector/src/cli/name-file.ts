import { access, constants, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * A file to read, before a collector is asked or started for it.
 *
 * @throws Error that says what is wrong with it.
 */
export async function fileToRead(path: string): Promise<string> {
  const file = resolve(path);
  const found = await stat(file).catch(() => undefined);
  if (!found) throw new Error(`There is no file ${file}.`);
  if (found.isDirectory()) throw new Error(`${file} is a folder. Name a file in it.`);
  await access(file, constants.R_OK);
  return file;
}

/** A file to write, likewise. */
export async function fileToWrite(path: string, flag: string): Promise<string> {
  const file = resolve(path);
  const found = await stat(file).catch(() => undefined);
  if (found?.isDirectory()) throw new Error(`${file} is a folder. Name a file in it with ${flag}.`);
  const folder = await stat(dirname(file)).catch(() => undefined);
  if (!folder?.isDirectory())
    throw new Error(
      `There is no folder ${dirname(file)} to write into. Make it, or name another file with ${flag}.`,
    );
  await access(dirname(file), constants.W_OK);
  return file;
}

/** A folder to write into; it may not be there yet. */
export async function folderToWrite(path: string, flag: string): Promise<string> {
  const folder = resolve(path);
  const found = await stat(folder).catch(() => undefined);
  if (found && !found.isDirectory()) throw new Error(`${folder} is a file. Name a folder with ${flag}.`);
  return folder;
}
