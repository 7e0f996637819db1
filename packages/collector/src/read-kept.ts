import type { Disk } from './log/disk.ts';

/**
 * What an earlier run kept as JSON in a file of the data directory; undefined when there is none.
 *
 * @throws Error that names the file when it is damaged: to begin without it would bring back who was erased, or count people twice.
 */
export async function readKept<Kept>(
  disk: Pick<Disk, 'list' | 'read'>,
  name: string,
): Promise<Kept | undefined> {
  if (!(await disk.list()).includes(name)) return undefined;
  try {
    return JSON.parse(String(await disk.read(name))) as Kept;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // Not in the words of the engine, which quotes what is around the mistake.
    throw new Error(
      `${name} in the data directory is damaged: it is no JSON. Put it back from a backup, or move it away and begin without it: docs/operations.md says what its loss means.`,
    );
  }
}
