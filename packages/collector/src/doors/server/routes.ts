/**
 * The door for back ends: what ticketing, scanners, tills and social networks know and no browser does.
 *
 * One object or a list of them, each judged alone. Whoever is not sure whether a record arrived sends it again:
 * it counts once, because its id follows from the record's own key (and that of a sale from its order). Another record under
 * that key is refused.
 */
import {
  type Answer,
  MAX_BODY_BYTES,
  MAX_ID_LENGTH,
  MAX_INTERACTIONS,
  type RejectionCode,
} from '@turnout/schema';
import { type Context, Hono } from 'hono';
import type { CollectorDependencies } from '../../dependencies.ts';
import { derivedId } from '../../derived-id.ts';
import type { KeptRow } from '../../ingest.ts';
import type { LogEntry } from '../../intake.ts';
import { KEY_CONFLICT, keyEntry } from '../../kept-keys.ts';
import { siteOfServer } from '../../privacy/authorize.ts';
import { Problem } from '../../problem.ts';
import { isObject, type JsonObject, readExactJson } from '../../read-json.ts';
import type { Site } from '../../sites.ts';
import { whatIsWrong } from '../../what-is-wrong.ts';
import { type Arrival, type Refusal, takeArrivals } from '../arrivals.ts';
import { canonicalJson } from '../canonical-json.ts';
import { idOf } from '../take-fields.ts';
import { attendance } from './attendance.ts';
import type { RecordKind } from './record.ts';
import { type Claim, claimOf, createRecordKeys } from './record-keys.ts';
import { revenue } from './revenue.ts';
import { sale } from './sale.ts';
import { social } from './social.ts';

export const RECORD_KINDS: { readonly [kind: string]: RecordKind } = { sale, attendance, revenue, social };

const IDEMPOTENCY_HEADER = 'Idempotency-Key';

export function createServerDoor(dependencies: CollectorDependencies): Hono {
  const door = new Hono();
  const { now = Date.now } = dependencies;
  const keys = dependencies.recordKeys ?? createRecordKeys();
  for (const kind of Object.keys(RECORD_KINDS)) {
    const path = `/v1/ingest/${kind}`;
    door.post(path, async (c) => {
      const site = siteOfServer(dependencies, c.req.header('Authorization'), c.req.query('site'));
      const json = await readExactJson(c.req.raw, MAX_BODY_BYTES);
      return c.json(await takeRecords(c, site, kind, json), 202);
    });
    door.all(path, (c) => {
      c.header('Allow', 'POST');
      throw new Problem(405, 'method', `Records are posted to ${path}.`);
    });
  }
  return door;

  async function takeRecords(c: Context, site: Site, kind: string, json: unknown): Promise<Answer> {
    const records: unknown[] = Array.isArray(json) ? json : [json];
    if (records.length > MAX_INTERACTIONS)
      throw new Problem(
        413,
        'too_large',
        `A request holds at most ${MAX_INTERACTIONS} records, not ${records.length}: split it.`,
      );
    const header = keyOfRequest(c);
    const refusals: Refusal[] = [];
    const arrivals: Arrival[] = [];
    const reads = records.map((sent, index) => {
      const key = header === undefined || !Array.isArray(json) ? header : `${header}#${index}`;
      return readRecord(site.id, kind, sent, key);
    });
    await keys.learn(
      site.id,
      reads.flatMap((read) => ('claim' in read && read.claim ? [read.claim] : [])),
    );
    const claims = new Map<number, Claim>();
    const claimed = new Map<number, Claim>();
    const giveUp = (isGivenUp: (index: number) => boolean) => {
      for (const [index, claim] of claimed) if (isGivenUp(index)) keys.forget(site.id, claim);
    };
    for (const [index, read] of reads.entries()) {
      const sent = records[index];
      const refuse = (code: RejectionCode, message: string) =>
        refusals.push({ index, id: nameOf(sent), code, message, sent });
      if ('problem' in read) {
        refuse('invalid', read.problem);
        continue;
      }
      if (read.claim) {
        const claim = keys.claim(site.id, read.claim);
        if (claim === 'other') {
          refuse('conflict', KEY_CONFLICT);
          continue;
        }
        claims.set(index, read.claim);
        if (claim === 'new') claimed.set(index, read.claim);
      }
      arrivals.push(...read.arrivals.map((arrival) => ({ ...arrival, index })));
    }
    const besides = (rows: readonly KeptRow[]) => keyEntries(site.id, claims, rows, now());
    const { accepted, rejected } = await takeArrivals(
      dependencies,
      site,
      { arrivals, refusals },
      { door: kind, address: '', besides },
    ).catch((error) => {
      giveUp(() => true);
      throw error;
    });
    const refused = new Set(rejected.map(({ index }) => index));
    giveUp((index) => refused.has(index));
    // Whoever sent it knows its own names, and not ours.
    return { accepted, rejected: rejected.map((it) => ({ ...it, id: nameOf(records[it.index]) })) };
  }
}

interface Read {
  arrivals: Omit<Arrival, 'index'>[];
  /** Of a record that names itself: what its key is for. */
  claim?: Claim;
}

function readRecord(
  siteId: string,
  kind: string,
  sent: unknown,
  header: string | undefined,
): Read | { problem: string } {
  const { schema, read } = RECORD_KINDS[kind] as RecordKind;
  if (!isObject(sent)) return { problem: 'A record is a JSON object; send one, or a list of them.' };
  const said = withoutNulls(sent);
  const parsed = schema.safeParse(said);
  if (!parsed.success) return { problem: whatIsWrong(parsed.error) };
  const { id, idempotency_key, ...record } = parsed.data as Keyed;
  const own = idempotency_key ?? id ?? header;
  // Without a name of its own, a record is itself: the same one again is no second one.
  const key = own ?? canonicalJson(said);
  const content = canonicalJson(record);
  if (key === undefined || content === undefined) return { problem: '"props" nest too deep; flatten them.' };
  const { sender, interactions } = read(parsed.data, siteId);
  const arrivals = interactions.map((interaction, part) => ({
    sender,
    interaction: {
      ...interaction,
      id: derivedId(siteId, 'ingest', kind, key, ...(part === 0 ? [] : [String(part)])),
      occurred_at: record.occurred_at,
    },
  }));
  if (own === undefined) return { arrivals };
  // A sale and its refund may both go by the number of the order.
  return { arrivals, claim: claimOf([kind, interactions[0]?.type ?? '', own], content) };
}

/** As many languages write what is not there, in a record and in its lines. */
function withoutNulls(record: JsonObject): JsonObject {
  const said = Object.entries(record).filter(([, value]) => value !== null);
  const { lines } = record;
  if (!Array.isArray(lines)) return Object.fromEntries(said);
  return {
    ...Object.fromEntries(said),
    lines: lines.map((line) => (isObject(line) ? withoutNulls(line) : line)),
  };
}

/** The keys of the records that these rows come from: each is kept directly before its rows. */
function keyEntries(
  siteId: string,
  claims: ReadonlyMap<number, Claim>,
  rows: readonly KeptRow[],
  at: number,
): Map<number, LogEntry> {
  const records = new Map<number, { place: number; ids: string[] }>();
  for (const [place, { index, id }] of rows.entries()) {
    const record = records.get(index);
    if (record) record.ids.push(id);
    else records.set(index, { place, ids: [id] });
  }
  const entries = new Map<number, LogEntry>();
  for (const [index, { place, ids }] of records) {
    const claim = claims.get(index);
    if (!claim) continue;
    const { name: record_key, content } = claim;
    entries.set(place, keyEntry({ site_id: siteId, record_key, content, ids }, at));
  }
  return entries;
}

interface Keyed {
  id?: string;
  idempotency_key?: string;
  occurred_at: number;
}

/** The name by which the sender knows a record. */
function nameOf(sent: unknown): string | null {
  if (!isObject(sent)) return null;
  return idOf(sent.idempotency_key) ?? idOf(sent.id) ?? idOf(sent.order_id) ?? null;
}

function keyOfRequest(c: Context): string | undefined {
  const key = c.req.header(IDEMPOTENCY_HEADER);
  if (key === undefined || key === '') return undefined;
  if (key.length <= MAX_ID_LENGTH) return key;
  throw new Problem(
    400,
    'key_too_long',
    `${IDEMPOTENCY_HEADER} must have at most ${MAX_ID_LENGTH} characters.`,
  );
}
