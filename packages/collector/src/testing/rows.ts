import type { InteractionRow } from '@turnout/schema';
import type { LogEntry } from '../intake.ts';

let made = 0;

/** An interaction as the collector writes it to the log. */
export function aRow(row: Partial<InteractionRow> = {}): InteractionRow {
  made += 1;
  const now = new Date().toISOString().replace('T', ' ').slice(0, 23);
  const today = now.slice(0, 10);
  return {
    site_id: 'demo',
    id: `019b7706-0000-7000-8000-${String(made).padStart(12, '0')}`,
    id_day: today,
    type: 'click',
    ts: now,
    occurred_at: now,
    received_at: now,
    local_date: today,
    batch_id: '019b7706-0000-7000-8000-0000000000ff',
    attempt: 0,
    user_key: '17',
    session_id: 'session',
    sdk: 'test/1',
    env: 'production',
    entity_type: 'event',
    entity_id: 'evt-1',
    device: 'desktop',
    browser: 'Chrome',
    os: 'Linux',
    is_bot: 0,
    ...row,
  };
}

/** A row as an entry of the log: `i`, or `d` for one that may be stored already. */
export function anEntry(row: InteractionRow = aRow(), kind: LogEntry['kind'] = 'i'): LogEntry {
  return { kind, key: `${row.site_id}/${row.id}`, json: JSON.stringify(row) };
}
