import type { Disk } from './log/disk.ts';

/** A note on disk that rollups may differ from raw, until a verification has mended or cleared them. */
export interface RepairNote {
  /** Why, or undefined when nothing is known to be wrong. */
  reason(): string | undefined;
  /** Resolves when the note is on the medium. */
  write(reason: string): Promise<void>;
  clear(): Promise<void>;
}

const NAME = 'repair-needed';

/** Opens the note of a folder. */
export async function openRepairNote(
  disk: Pick<Disk, 'list' | 'read' | 'write' | 'remove'>,
): Promise<RepairNote> {
  let reason = (await disk.list()).includes(NAME) ? String(await disk.read(NAME)) : undefined;
  return {
    reason: () => reason,
    async write(why) {
      await disk.write(NAME, Buffer.from(why));
      reason = why;
    },
    async clear() {
      if (reason !== undefined) await disk.remove(NAME);
      reason = undefined;
    },
  };
}
