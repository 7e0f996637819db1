import type { RunningCollector } from '../collector.ts';

/** What the tables hold of one visit: everything in it is about the event of that name. */
export interface Ledger {
  /** How often each number stands in raw. */
  times: Map<number, number>;
  /** What the rollups count, beside what raw says they should. */
  rollups: { name: string; counted: number; inRaw: number }[];
}

/** Numbers that a `ticket_click` tracks; the others are custom. Both kinds count in `user_day`. */
const isTicketClick = (n: number) => n % 2 === 1;

/** Reads the {@link Ledger} of a visit. */
export async function readLedger(collector: RunningCollector, event: string): Promise<Ledger> {
  const rows = await collector.query<{ n: number; times: number }>(
    `SELECT toUInt32OrZero(toString(props.n)) AS n, toUInt32(count()) AS times
     FROM interactions WHERE entity_id = '${event}' GROUP BY n`,
  );
  const [rollup] = await collector.query<{ of_people: number; of_event: number }>(
    `SELECT
       (SELECT toUInt32(sum(interactions)) FROM user_day
        WHERE user_key IN (SELECT user_key FROM interactions WHERE entity_id = '${event}')) AS of_people,
       (SELECT toUInt32(sum(ticket_link_clicks)) FROM event_daily WHERE event_id = '${event}') AS of_event`,
  );
  const times = new Map(rows.map((row) => [row.n, row.times]));
  return {
    times,
    rollups: [
      { name: 'user_day.interactions', counted: rollup?.of_people ?? 0, inRaw: times.size },
      {
        name: 'event_daily.ticket_link_clicks',
        counted: rollup?.of_event ?? 0,
        inRaw: [...times.keys()].filter(isTicketClick).length,
      },
    ],
  };
}
