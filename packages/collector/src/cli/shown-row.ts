import { printable } from './printable.ts';

/** A row as the log keeps it: columns by their names. */
export type Row = Record<string, string | number | undefined>;

/** One interaction for a person to read: `10:07:15  ticket_click  event:42  event_card  /shows`. */
export const shownRow = (row: Row): string =>
  line(
    row.received_at,
    row.name ?? row.type,
    row.entity_type && `${row.entity_type}:${row.entity_id}`,
    row.surface,
    row.duration_ms && `${row.duration_ms} ms`,
    row.value && `${row.value} ${row.currency}`,
    row.page_path,
    row.attempt && `attempt ${Number(row.attempt) + 1}`,
  );

/** Likewise one that was rejected: when, and why. */
export const shownRejection = (row: Row): string => line(row.received_at, `${row.code}: ${row.message}`);

const line = (receivedAt: Row[string], ...words: Row[string][]) =>
  [String(receivedAt).slice(11, 19), printable(words.filter(Boolean).join('  '))].join('  ');
