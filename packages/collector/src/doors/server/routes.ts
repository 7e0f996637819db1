/**
 * The door for back ends: what ticketing, scanners, tills and social networks know and no browser does.
 *
 * One object or a list of them, each judged alone. Whoever is not sure whether a record arrived sends it again:
 * it counts once, because its id follows from the record's own key (and that of a sale from its order).
 */
import { type Answer, MAX_BODY_BYTES, MAX_ID_LENGTH, MAX_INTERACTIONS } from '@turnout/schema';
import { type Context, Hono } from 'hono';
import type { CollectorDependencies } from '../../dependencies.ts';
import { derivedId } from '../../derived-id.ts';
import { Problem } from '../../problem.ts';
import { isObject, readJson } from '../../read-json.ts';
import { bearerOf } from '../../secret.ts';
import { findSiteBySecret, type Site } from '../../sites.ts';
import { whatIsWrong } from '../../what-is-wrong.ts';
import { type Arrival, type Refusal, takeArrivals } from '../arrivals.ts';
import { canonicalJson } from '../canonical-json.ts';
import { idOf } from '../take-fields.ts';
import { attendance } from './attendance.ts';
import type { RecordKind } from './record.ts';
import { revenue } from './revenue.ts';
import { sale } from './sale.ts';
import { social } from './social.ts';

export const RECORD_KINDS: { readonly [kind: string]: RecordKind } = { sale, attendance, revenue, social };

const IDEMPOTENCY_HEADER = 'Idempotency-Key';

export function createServerDoor(dependencies: CollectorDependencies): Hono {
  const door = new Hono();
  for (const kind of Object.keys(RECORD_KINDS)) {
    const path = `/v1/ingest/${kind}`;
    door.post(path, async (c) => {
      const site = siteOfServer(dependencies, c);
      const json = await readJson(c.req.raw, MAX_BODY_BYTES);
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
    for (const [index, sent] of records.entries()) {
      const key = header === undefined || !Array.isArray(json) ? header : `${header}#${index}`;
      const read = readRecord(site.id, kind, sent, key);
      if ('problem' in read)
        refusals.push({ index, id: nameOf(sent), code: 'invalid', message: read.problem, sent });
      else arrivals.push(...read.arrivals.map((arrival) => ({ ...arrival, index })));
    }
    const { accepted, rejected } = await takeArrivals(
      dependencies,
      site,
      { arrivals, refusals },
      { door: kind, address: '' },
    );
    // Whoever sent it knows its own names, and not ours.
    return { accepted, rejected: rejected.map((it) => ({ ...it, id: nameOf(records[it.index]) })) };
  }
}

function readRecord(
  siteId: string,
  kind: string,
  sent: unknown,
  header: string | undefined,
): { arrivals: Omit<Arrival, 'index'>[] } | { problem: string } {
  const { schema, read } = RECORD_KINDS[kind] as RecordKind;
  if (!isObject(sent)) return { problem: 'A record is a JSON object; send one, or a list of them.' };
  const parsed = schema.safeParse(sent);
  if (!parsed.success) return { problem: whatIsWrong(parsed.error) };
  const record = parsed.data as { id?: string; idempotency_key?: string; occurred_at: number };
  // Without a name of its own, a record is itself: the same one again is no second one.
  const key = record.idempotency_key ?? record.id ?? header ?? canonicalJson(sent);
  if (key === undefined) return { problem: '"props" nest too deep; flatten them.' };
  const { sender, interactions } = read(parsed.data, siteId);
  return {
    arrivals: interactions.map((interaction, part) => ({
      sender,
      interaction: {
        ...interaction,
        id: derivedId(siteId, 'ingest', kind, key, ...(part === 0 ? [] : [String(part)])),
        occurred_at: record.occurred_at,
      },
    })),
  };
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

function siteOfServer({ authorize, sites }: CollectorDependencies, c: Context): Site {
  const header = c.req.header('Authorization');
  if (authorize) return authorize(header, c.req.query('site'));
  const site = findSiteBySecret(sites(), bearerOf(header));
  if (site) return site;
  throw new Problem(
    401,
    'token_wrong',
    'This address wants "Authorization: Bearer <secret key of the site>". Secret keys are in the sites file.',
  );
}
