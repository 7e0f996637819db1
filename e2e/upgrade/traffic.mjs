/**
 * What fans did on a site before and after its collector was upgraded. Everything follows from numbers, so that the
 * test knows every byte that the older collector was sent.
 */

/** When the older collector ran: so far ahead that nothing in the archive is ever too old to be kept. */
export const THEN = Date.parse('2060-03-10T12:00:00Z');

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** What a visit consists of. */
const VISIT = [
  { type: 'impression', surface: 'feed', position: 1 },
  { type: 'click', surface: 'feed', props: { genre: 'jazz', price_min: 70 } },
  { type: 'view', view_id: 'v', part: 0 },
  { type: 'exposure', experiment: 'poster', variant: 'a' },
  { type: 'search', query: 'monk', props: { result_count: 4 } },
  { type: 'waitlist_join' },
  { type: 'ticket_click' },
  { type: 'interest' },
];

export const INTERACTIONS_A_VISIT = VISIT.length + 1;

const uuid = (kind, number) =>
  `00000000-0000-7000-8${String(kind).padStart(3, '0')}-${String(number).padStart(12, '0')}`;

/**
 * One visit as a batch: each visitor comes once, and buys.
 *
 * @param number - Of the visit: two of different numbers share nothing but the concerts.
 * @param daysAgo - Before `now`.
 */
export function aVisit(number, daysAgo, now = THEN) {
  const at = now - daysAgo * DAY - (number % 60) * MINUTE;
  const own = (part, more) => ({
    id: uuid(part + 1, number),
    occurred_at: at + part * 1_000,
    entity_type: 'event',
    entity_id: `e${number % 3}`,
    ...more,
  });
  return {
    batch_id: uuid(0, number),
    sdk: 'js/0.1.0',
    visitor_id: `visitor-${number}`,
    session_id: `session-${number}`,
    interactions: [
      ...VISIT.map((it, part) => own(part, it)),
      own(VISIT.length, { type: 'purchase', order_id: `o-${number}`, value: 40 + number, currency: 'USD' }),
    ],
  };
}

/** In the tables of the archive. */
export const STORED = Array.from({ length: 60 }, (_, number) => aVisit(number, number % 12));
/** Acknowledged, and still in the log of the archive. */
export const IN_THE_LOG = Array.from({ length: 5 }, (_, number) => aVisit(100 + number, number % 3));

/** Posts a batch, as a tracker does. */
export async function post(url, batch, attempt = 0) {
  const response = await fetch(`${url}/v1/interactions?key=wk_demo&attempt=${attempt}`, {
    method: 'POST',
    body: JSON.stringify(batch),
  });
  if (response.status !== 202) throw new Error(`answered ${response.status}: ${await response.text()}`);
  return response.json();
}
