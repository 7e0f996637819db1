import type { Engine } from './engine.ts';

/** As many rows as the writer seals into a segment. */
const ROWS_PER_BLOCK = 30_000;
/** The history spans so many days and ends now: rows arrive in the order of time, as they do in life. */
const DAYS = 60;
const STAGING = 'turnout.bench_rows';

/** A UUID of version 7 as the SDK makes it: its time, a counter that is nearly always 0, and 62 random bits. */
const uuidV7 = (ms: string, counter: string, of: string) => {
  const random = `lower(hex(sipHash128(${of}, 'random')))`;
  const time = `leftPad(lower(hex(toUInt64(${ms}))), 12, '0')`;
  return `concat(left(${time}, 8), '-', right(${time}, 4), '-7', ${counter}, '-8', left(${random}, 3), '-', right(${random}, 12))`;
};

/**
 * Visits of eight interactions each. A few events and a few people have most of them (powers of a uniform number),
 * and each step of a visit loses people, so that a funnel has something to count.
 */
function blockOf(first: number, rows: number, total: number): string {
  const dice = (salt: string) => `(sipHash64(visit, '${salt}') % 1000000 / 1000000)`;
  const start = Math.floor(Date.now() / 1000) - DAYS * 86_400;
  return `
    SELECT
      'demo' AS site_id, toUUID(${uuidV7('toUnixTimestamp64Milli(ts)', "'000'", 'number')}) AS id, toDate(ts) AS id_day,
      ['page_view', 'impression', 'impression', 'click', 'view', 'interest', 'ticket_click', 'purchase'][if(step > depth, 2, step)] AS type,
      toDateTime64(${start} + (number / ${total}) * ${DAYS * 86_400 - 60}, 3, 'UTC') AS ts, ts AS occurred_at, ts AS received_at, toDate(ts) AS local_date,
      toUUID(${uuidV7('visit_ms + 5000 * intDiv(step, 3)', "'000'", "concat(toString(visit), 'batch', toString(intDiv(step, 3)))")}) AS batch_id, toUUID('00000000-0000-4000-8000-${String(first).padStart(12, '0')}') AS batch,
      sipHash64(person) AS user_key,
      ${uuidV7(`${start}000 - sipHash64(person, 'came') % 31536000000`, "'000'", 'person')} AS visitor_id,
      ${uuidV7('visit_ms', "'000'", "concat(toString(visit), 'session')")} AS session_id, 'js/0.1.0' AS sdk,
      if(type = 'page_view', '', 'event') AS entity_type, if(type = 'page_view', '', concat('event-', toString(event))) AS entity_id,
      if(type = 'page_view', '', concat('artist-', toString(event % 2000))) AS artist_id, if(type = 'page_view', '', concat('venue-', toString(event % 300))) AS venue_id,
      ['rock', 'jazz', 'electronic', 'folk', 'metal', 'pop'][event % 6 + 1] AS genre, toDecimal64(20 + event % 180, 4) AS price_min,
      nullIf(if(type = 'purchase', toDecimal64(20 + event % 180, 4), 0), 0) AS value, if(type = 'purchase', 'USD', '') AS currency, value AS site_value,
      if(type = 'view', sipHash64(visit, 'ms') % 60000, 0) AS duration_ms, 'feed' AS surface,
      concat('/events/', entity_id) AS page_path, concat('https://venue.example', page_path) AS page_url,
      ['desktop', 'mobile', 'mobile', 'tablet'][person % 4 + 1] AS device, ['Chrome', 'Safari', 'Firefox'][person % 3 + 1] AS browser, 'iOS' AS os,
      ['Austin', 'Berlin', 'London', 'Paris', 'Tokyo'][person % 5 + 1] AS city, ['US', 'DE', 'GB', 'FR', 'JP'][person % 5 + 1] AS country,
      ['18-24', '25-34', '35-44', ''][person % 4 + 1] AS age_band
    FROM (
      SELECT number, intDiv(number, 8) AS visit, toUInt8(number % 8 + 1) AS step,
        toUInt64(${Math.max(1_000, Math.round(total / 40))} * pow(${dice('person')}, 2)) AS person,
        toUInt64(${start}000 + toUInt64(visit * 8000 / ${total} * ${DAYS * 86_400 - 60})) AS visit_ms,
        toUInt64(10000 * pow(sipHash64(visit, step > depth ? step : 0, 'event') % 1000000 / 1000000, 3)) AS event,
        toUInt8(3 + floor(-log(1 - ${dice('depth')} * 0.999) * 1.1)) AS depth
      FROM numbers(${first}, ${rows})
    )`;
}

/** What loading cost. */
export interface Load {
  seconds: number;
  /** CPU of the whole process for each row: inserts, views and merges. */
  allMicroseconds: number;
  /** The same while merges and the counting of the funnel rest, for the first and for the last million (or tenth, of fewer than ten millions). */
  firstMicroseconds: number;
  lastMicroseconds: number;
}

/** Loads rows in blocks as the writer does. What makes the rows up is not measured. */
export async function load(engine: Engine, total: number, say: (line: string) => void): Promise<Load> {
  const sample = Math.max(ROWS_PER_BLOCK, Math.min(1_000_000, Math.floor(total / 10)));
  let [seconds, micros, counted] = [0, 0, 0];
  const samples = { first: { micros: 0, rows: 0 }, last: { micros: 0, rows: 0 } };
  let isResting = false;
  for (let first = 0; first < total; first += ROWS_PER_BLOCK) {
    const rows = Math.min(ROWS_PER_BLOCK, total - first);
    const part = first + rows <= sample ? samples.first : first >= total - sample ? samples.last : undefined;
    if ((part !== undefined) !== isResting) {
      isResting = part !== undefined;
      await engine.command(`SYSTEM ${isResting ? 'STOP' : 'START'} MERGES`);
      // The funnel is counted every five minutes, for as long as two million rows take to insert.
      await engine.command(`SYSTEM ${isResting ? 'STOP' : 'START'} VIEW turnout.funnel_day_mv`);
    }
    await engine.command(
      `CREATE OR REPLACE TABLE ${STAGING} ENGINE = Memory AS ${blockOf(first, rows, total)}`,
    );
    const columns = await engine.columnsOf(STAGING);
    const [begun, cpu] = [performance.now(), process.cpuUsage()];
    await engine.command(
      `INSERT INTO turnout.interactions (${columns}) SELECT ${columns} FROM ${STAGING}
       SETTINGS insert_deduplication_token = 'bench-${first}', insert_deduplicate = 1, async_insert = 0, max_insert_threads = 1, optimize_on_insert = 0,
         deduplicate_blocks_in_dependent_materialized_views = 1, min_insert_block_size_rows = 1048576, max_threads = 1`,
    );
    const used = process.cpuUsage(cpu);
    seconds += (performance.now() - begun) / 1000;
    micros += used.user + used.system;
    counted += rows;
    if (part) {
      part.micros += used.user + used.system;
      part.rows += rows;
    }
    if (Math.floor(first / 500_000) !== Math.floor((first + rows) / 500_000))
      say(`${(counted / 1e6).toFixed(1)} of ${(total / 1e6).toFixed(1)} M rows, ${seconds.toFixed(0)} s`);
  }
  await engine.command('SYSTEM START MERGES');
  await engine.command('SYSTEM START VIEW turnout.funnel_day_mv');
  await engine.command(`DROP TABLE ${STAGING}`);
  return {
    seconds,
    allMicroseconds: micros / counted,
    firstMicroseconds: samples.first.micros / samples.first.rows,
    lastMicroseconds: samples.last.micros / samples.last.rows,
  };
}
