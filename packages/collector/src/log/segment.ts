import { encodeRecords } from './record.ts';

/** A segment that gets no more records. */
export interface Segment {
  /** Token of its block: a random UUID, written in its header. */
  id: string;
  name: string;
  /** Records behind this offset were never acknowledged. */
  bytes: number;
  rows: number;
  /** When its first record came, ms since 1970. */
  since: number;
  /** An earlier run left it: what that one knew of its rows is unknown. */
  isInherited?: true;
}

export const SEGMENT_SUFFIX = '.log';
export const PLAN_SUFFIX = '.plan';

/** `000000000042.log` */
export const segmentName = (number: number): string => `${String(number).padStart(12, '0')}${SEGMENT_SUFFIX}`;

/** The first line of a segment: its token, and when it began. */
export const headerOf = (id: string, createdAt: number): Buffer<ArrayBuffer> =>
  encodeRecords([{ kind: 'h', key: id, json: JSON.stringify({ version: 1, created_at: createdAt }) }]);
