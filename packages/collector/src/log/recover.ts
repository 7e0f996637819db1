/**
 * What a start of the collector makes of the segments that the last run left.
 *
 * A torn tail is what a crash leaves and was never acknowledged: it is cut off. Damage with valid records
 * behind it is something else, a medium that forgot, and so is a file that ends before its plan says: the file is set
 * aside as it is, for whoever looks into it, and its intact records go on in a segment of their own, each to be looked up
 * before it counts.
 */
import { randomUUID } from 'node:crypto';
import { planIn } from '../plan.ts';
import type { Disk } from './disk.ts';
import { decodeSegment, encodeRecords, type LogRecord, recordsBehindDamage } from './record.ts';
import { headerOf, PLAN_SUFFIX, SEGMENT_SUFFIX, type Segment, segmentName } from './segment.ts';

/** A segment that was damaged in the middle. */
export interface DamagedSegment {
  /** The name it has now. */
  name: string;
  /** Records that were intact, and go on. */
  saved: number;
  /** It had been tried before: the database may have it in part, and only a verification tells. */
  wasAttempted: boolean;
}

export interface Recovered {
  sealed: Segment[];
  damaged: DamagedSegment[];
  /** The highest number that a segment has, or had that left a plan or was set aside. */
  lastNumber: number;
}

const ASIDE_SUFFIX = '.damaged';

/** Reads the segments of a folder, oldest first, and mends what can be mended. */
export async function recover(disk: Disk, now: () => number): Promise<Recovered> {
  const names = await disk.list();
  // What the last run did not finish writing. First: the disk may be full of it.
  for (const name of names) if (name.endsWith('.tmp')) await disk.remove(name);
  const segments = names.filter((name) => name.endsWith(SEGMENT_SUFFIX)).sort();
  // A name that is used again would take the plan of another segment for its own, or the place of one that was set aside.
  const recovered: Recovered = { sealed: [], damaged: [], lastNumber: Math.max(0, ...names.map(numberOf)) };
  const isPlanned = (name: string) => names.includes(`${name}${PLAN_SUFFIX}`);
  /** What stands before was on the medium when the plan was made; 0 where none says. */
  const plannedEnd = async (name: string) =>
    isPlanned(name) ? (planIn(await disk.read(`${name}${PLAN_SUFFIX}`))?.bytes ?? 0) : 0;
  for (const name of segments) {
    const bytes = await disk.read(name);
    const { records, validBytes, state } = decodeSegment(bytes);
    const header = records[0];
    const isCutOff = validBytes < (await plannedEnd(name));
    if (isCutOff || state === 'hole' || (header && header.kind !== 'h')) {
      const intact = [...records, ...recordsBehindDamage(bytes, validBytes)].filter(
        ({ kind }) => kind !== 'h',
      );
      await carryOver(intact, name);
    } else if (!header || records.length === 1) {
      await disk.remove(name);
    } else {
      // What a run wrote and did not sync, or failed to, may be in the system's memory only: a power loss would
      // take it from under a plan, and the replay would be another block. It is written anew, because a sync that
      // follows a failed one proves nothing. Whatever has a plan was on the medium before that was made.
      if (!isPlanned(name)) await disk.write(name, bytes.subarray(0, validBytes));
      else if (state === 'torn') await disk.truncate(name, validBytes);
      recovered.sealed.push(segmentOf(header, name, validBytes, records.length - 1));
    }
  }
  // Planned ones first, as the last run had it: it knew of nothing before them. Rows that it refused, and whose
  // file it could not get rid of, may have come again in a segment behind and be in its plan already.
  recovered.sealed.sort((a, b) => Number(isPlanned(b.name)) - Number(isPlanned(a.name)));
  return recovered;

  async function carryOver(intact: LogRecord[], name: string): Promise<void> {
    if (intact.length > 0) {
      recovered.lastNumber += 1;
      const copy = segmentName(recovered.lastNumber);
      const id = randomUUID();
      const doubtful = intact.map(({ kind, key, json }) => ({
        kind: kind === 'i' ? ('d' as const) : kind,
        key,
        json: String(json),
      }));
      const bytes = Buffer.concat([headerOf(id, now()), encodeRecords(doubtful)]);
      // The copy first: a crash before the renaming makes a second copy, and the look-up leaves that out.
      await disk.write(copy, bytes);
      recovered.sealed.push({
        id,
        name: copy,
        bytes: bytes.byteLength,
        rows: intact.length,
        since: now(),
        isInherited: true,
      });
    }
    await disk.rename(name, `${name}${ASIDE_SUFFIX}`);
    const wasAttempted = isPlanned(name);
    recovered.damaged.push({ name: `${name}${ASIDE_SUFFIX}`, saved: intact.length, wasAttempted });
  }
}

function segmentOf(header: LogRecord, name: string, bytes: number, rows: number): Segment {
  const { created_at: since } = JSON.parse(String(header.json)) as { created_at: number };
  return { id: header.key, name, bytes, rows, since, isInherited: true };
}

const numberOf = (name: string) => Number(/^(\d{12})\.log/.exec(name)?.[1] ?? 0);
