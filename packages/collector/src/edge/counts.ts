/** What the writer has stored since it was first deployed, as `/metrics` says it. */
import type { LogRecord } from '../log/record.ts';
import { isInteraction } from '../log/record.ts';
import type { ObjectStorage } from './bindings.ts';
import type { Outcome } from './writer-object.ts';

export interface Counts {
  accepted: Record<string, number>;
  rejected: Record<string, number>;
  rows: number;
  duplicates: number;
  failures: number;
}

const COUNTS = 'counts';

export interface Counting {
  stored(records: readonly LogRecord[], outcome: Outcome): Promise<void>;
  failed(): Promise<void>;
  read(): Counts;
}

export async function openCounting(storage: ObjectStorage): Promise<Counting> {
  const counts: Counts = (await storage.get<Counts>(COUNTS)) ?? {
    ...{ accepted: {}, rejected: {} },
    ...{ rows: 0, duplicates: 0, failures: 0 },
  };
  const save = () => storage.put({ [COUNTS]: counts });
  const add = (to: Record<string, number>, name: string, number: number) => {
    to[name] = (to[name] ?? 0) + number;
  };
  return {
    async stored(records, { rows, duplicates, refused }) {
      for (const { kind, json } of records) {
        if (!isInteraction({ kind }) && kind !== 'r') continue;
        const { site_id, code } = JSON.parse(String(json)) as { site_id: string; code?: string };
        if (kind === 'r') add(counts.rejected, code ?? '', 1);
        else add(counts.accepted, site_id, 1);
      }
      if (refused > 0) add(counts.rejected, 'refused', refused);
      counts.rows += rows;
      counts.duplicates += duplicates;
      await save();
    },
    async failed() {
      counts.failures += 1;
      await save();
    },
    read: () => counts,
  };
}

/** Prometheus text, by the names of the Node collector. */
export function countsAsText({ accepted, rejected, rows, duplicates, failures }: Counts, waiting: number) {
  const labelled = (name: string, label: string, values: Record<string, number>) =>
    Object.entries(values).map(([value, number]) => `${name}{${label}=${JSON.stringify(value)}} ${number}`);
  return [
    '# TYPE turnout_accepted_total counter',
    ...labelled('turnout_accepted_total', 'site', accepted),
    '# TYPE turnout_rejected_total counter',
    ...labelled('turnout_rejected_total', 'code', rejected),
    '# TYPE turnout_duplicates_total counter',
    `turnout_duplicates_total ${duplicates}`,
    '# TYPE turnout_inserted_rows_total counter',
    `turnout_inserted_rows_total ${rows}`,
    '# TYPE turnout_insert_failures_total counter',
    `turnout_insert_failures_total ${failures}`,
    '# TYPE turnout_blocks_waiting gauge',
    `turnout_blocks_waiting ${waiting}`,
    '',
  ].join('\n');
}
