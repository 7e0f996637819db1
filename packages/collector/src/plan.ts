/**
 * What a segment's block leaves out, decided once.
 *
 * Block deduplication completes raw and every rollup only when a replay is the same block. So the plan
 * is on disk before the first attempt, and a replay reads it instead of deciding again: by then the
 * look-up would find the block's own rows.
 */
import type { Disk } from './log/disk.ts';
import { decodeSegment, encodeRecords } from './log/record.ts';
import { PLAN_SUFFIX, type Segment } from './log/segment.ts';

export interface Plan {
  /** The deduplication token of the block: the segment's id, or another one after that was forgotten. */
  token: string;
  /** When it was made, ms since 1970. */
  planned_at: number;
  /** The segment's records end here; whatever a crash brought back behind it was never acknowledged. */
  bytes: number;
  /** Indexes of records that are stored already. */
  duplicates: number[];
  /** Records that the database refuses, with its reason. */
  refused: { index: number; message: string }[];
  /**
   * Lines of orders that somebody else told of first, in other words (`order-report.ts`), and what came under a key that
   * stands for another record.
   */
  retold?: { index: number; message: string }[];
  /** Indexes of records of people who were erased; plans of earlier versions have none. */
  erased?: number[];
}

export interface Plans {
  read(segment: Segment): Promise<Plan | undefined>;
  /** Resolves when the plan is on the medium. */
  write(segment: Segment, plan: Plan): Promise<void>;
  remove(segment: Segment): Promise<void>;
}

const nameOf = (segment: Segment) => `${segment.name}${PLAN_SUFFIX}`;

/** Plans lie beside their segments. A plan whose segment is gone has done its work and is removed. */
export async function openPlans(disk: Pick<Disk, 'list' | 'read' | 'write' | 'remove'>): Promise<Plans> {
  const names = new Set(await disk.list());
  for (const name of names) {
    if (name.endsWith(PLAN_SUFFIX) && !names.has(name.slice(0, -PLAN_SUFFIX.length))) await disk.remove(name);
  }
  /** Plans that are on the medium for certain. */
  const durable = new Set<string>();
  async function write(name: string, bytes: Uint8Array): Promise<void> {
    durable.delete(name); // A write that fails may have taken the place of the one before.
    await disk.write(name, bytes);
    durable.add(name);
  }
  return {
    async read(segment) {
      if (!(await disk.list()).includes(nameOf(segment))) return undefined;
      const bytes = await disk.read(nameOf(segment));
      const [record] = decodeSegment(bytes).records;
      // Written whole or not at all: damage here is damage of the medium, and guessing could count twice.
      if (record?.key !== segment.id)
        throw new Error(`The plan ${nameOf(segment)} is damaged; see docs/operations.md.`);
      // A run that died, or a sync that failed, may have left it in the system's memory only. Whoever carries
      // it out and then loses power would decide again.
      if (!durable.has(nameOf(segment))) await write(nameOf(segment), bytes);
      return JSON.parse(record.json.toString('utf8')) as Plan;
    },
    write: (segment, plan) =>
      write(nameOf(segment), encodeRecords([{ kind: 'h', key: segment.id, json: JSON.stringify(plan) }])),
    async remove(segment) {
      durable.delete(nameOf(segment));
      await disk.remove(nameOf(segment));
    },
  };
}

/** The blocks that may be stored in part, and will be stored again: those that have a plan. */
export async function blocksUnderWay(disk: Pick<Disk, 'list' | 'read'>): Promise<string[]> {
  const names = new Set(await disk.list());
  const plans = [...names].filter(
    // Without its segment it has been carried out.
    (name) => name.endsWith(PLAN_SUFFIX) && names.has(name.slice(0, -PLAN_SUFFIX.length)),
  );
  const tokens = await Promise.all(
    plans.map(async (name) => {
      const bytes = await disk.read(name).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
        return undefined; // Carried out, and removed, since the list was read: the writer goes on meanwhile.
      });
      // A damaged plan is carried out by nobody: the writer reports it.
      return bytes && planIn(bytes)?.token;
    }),
  );
  return tokens.filter((token) => token !== undefined);
}

/** The plan that a file holds; undefined when it is damaged. */
export function planIn(bytes: Buffer): Plan | undefined {
  const [record] = decodeSegment(bytes).records;
  return record && (JSON.parse(record.json.toString('utf8')) as Plan);
}
