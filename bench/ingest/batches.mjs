/**
 * Batches as a feed makes them, at hardly any cost: a hundred are written beforehand, and only the digits of their ids
 * change from one to the next.
 */
import { randomBytes, randomUUID } from 'node:crypto';

const TEMPLATES = 100;
const GENRES = ['rock', 'jazz', 'electronic', 'folk', 'metal', 'pop'];
const SURFACES = ['feed', 'search', 'event_modal'];
/** What a visit to a feed is made of. */
const TYPES = [
  'impression',
  'impression',
  'impression',
  'impression',
  'click',
  'view',
  'impression',
  'interest',
  'impression',
  'ticket_click',
];
const DIGITS = Buffer.from('0123456789abcdef');
/** What stands in a template where the digits of a fresh id go. */
const MARK = 'ffffffffffff';

/**
 * Returns a function that gives the next body. The buffer is used again a hundred batches later.
 *
 * @param {number} perBatch
 * @returns {() => Buffer}
 */
export function batches(perBatch) {
  const run = randomBytes(4).toString('hex');
  const templates = Array.from({ length: TEMPLATES }, (_, index) => template(index, perBatch, run));
  let count = 0;
  return () => {
    const { body, marks } = templates[count % TEMPLATES];
    count += 1;
    for (const [index, at] of marks.entries()) writeDigits(body, at, count * 1_024 + index);
    return body;
  };
}

/** Writes twelve digits. @param {Buffer} body @param {number} at @param {number} value */
function writeDigits(body, at, value) {
  let rest = value;
  for (let digit = 11; digit >= 0; digit -= 1) {
    body[at + digit] = DIGITS[rest % 16];
    rest = Math.floor(rest / 16);
  }
}

/** @param {number} index @param {number} perBatch @param {string} run */
function template(index, perBatch, run) {
  const time = Date.now();
  const prefix = `${run}-${randomUUID().slice(9, 13)}-7${randomUUID().slice(15, 18)}-8${String(index).padStart(3, '0')}-`;
  const body = Buffer.from(
    JSON.stringify({
      batch_id: prefix + MARK,
      sdk: 'js/0.1.0',
      visitor_id: prefix + MARK,
      session_id: prefix + MARK,
      contexts: [
        {
          page_url: 'https://venue.example/feed?utm_source=newsletter',
          page_path: '/feed',
          referrer: 'https://www.google.com/',
          title: 'Concerts near you',
          utm_source: 'newsletter',
          language: 'en-GB',
          viewport_width: 390,
          viewport_height: 844,
        },
      ],
      interactions: Array.from({ length: perBatch }, (_, place) => {
        const type = TYPES[place % TYPES.length];
        // A few events have most of what happens.
        const event = Math.floor(10_000 * Math.random() ** 3);
        return {
          id: prefix + MARK,
          type,
          occurred_at: time - place * 700,
          context: 0,
          entity_type: 'event',
          entity_id: `event-${event}`,
          list_id: 'for-you',
          position: place,
          surface: SURFACES[place % SURFACES.length],
          ...(type === 'impression' ? { visible_ratio: 0.83 } : {}),
          ...(type === 'view' ? { view_id: prefix + MARK, part: 0, duration_ms: 5_230 } : {}),
          props: {
            artist_id: `artist-${event % 2_000}`,
            venue_id: `venue-${event % 300}`,
            genre: GENRES[event % GENRES.length],
            event_date: '2027-03-14',
            price_min: 25 + (event % 60),
            feed_type: 'following',
          },
        };
      }),
    }),
  );
  const marks = [];
  for (let at = body.indexOf(MARK); at >= 0; at = body.indexOf(MARK, at + 1)) marks.push(at);
  return { body, marks };
}
