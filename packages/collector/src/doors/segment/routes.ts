/**
 * The Segment-compatible door: what sends to Segment's HTTP API sends here, with another host.
 */
import type { Answer } from '@turnout/schema';
import { type Context, Hono } from 'hono';
import { admit } from '../../admission.ts';
import type { CollectorDependencies } from '../../dependencies.ts';
import { Problem } from '../../problem.ts';
import { isObject, type JsonObject, readExactJson } from '../../read-json.ts';
import type { Site } from '../../sites.ts';
import { type Arrival, type Refusal, takeArrivals } from '../arrivals.ts';
import { readableByPages } from '../cross-origin.ts';
import { readTime } from '../read-time.ts';
import { type Call, idOfMessage, readMessage, sharedIn, type Understood } from './message.ts';
import { createSessions, saidSession } from './sessions.ts';
import { settingsFor } from './settings.ts';

/** The addresses of single messages. Browser clients use the short ones. */
export const SEGMENT_CALLS: { readonly [path: string]: Call } = {
  '/v1/track': 'track',
  '/v1/page': 'page',
  '/v1/screen': 'screen',
  '/v1/identify': 'identify',
  '/v1/group': 'group',
  '/v1/alias': 'alias',
  '/v1/t': 'track',
  '/v1/p': 'page',
  '/v1/s': 'screen',
  '/v1/i': 'identify',
  '/v1/g': 'group',
  '/v1/a': 'alias',
};
/** The addresses of batches. The client for Ruby and older ones of phones import, which is the same; some write the slash. */
export const SEGMENT_BATCHES = ['/v1/batch', '/v1/b', '/v1/import', '/v1/import/'] as const;

/** What Segment's API takes: 32 kB a message, 500 kB and 2,500 messages a batch. */
const MAX_MESSAGE_BYTES = 32 * 1024;
const MAX_SEGMENT_BATCH_BYTES = 500 * 1024;
const MAX_MESSAGES = 2_500;
/** The lines of orders are short, and each becomes a row. */
const MAX_ROWS = 10_000;
/** Each row says its page anew: a long one that all messages share would make hundreds of megabytes of a short batch. */
const MAX_PAGE_CHARACTERS = 4_000_000;

const HEADERS = ['Authorization', 'Content-Type', 'Content-Encoding', 'X-Retry-Count'];

/** Lets pages of every origin read the answers of this door: to be called before anything refuses a request. */
export function openToPages(app: Hono): void {
  for (const path of [...Object.keys(SEGMENT_CALLS), ...SEGMENT_BATCHES]) readableByPages(app, path, HEADERS);
}

interface Sent {
  index: number;
  message: unknown;
  understood: Understood;
}

export function createSegmentDoor(dependencies: CollectorDependencies): Hono {
  const { metrics, now = Date.now } = dependencies;
  const door = new Hono();
  const sessions = createSessions();

  for (const [path, call] of Object.entries(SEGMENT_CALLS)) {
    door.post(path, async (c) => {
      const json = await readExactJson(c.req.raw, MAX_MESSAGE_BYTES);
      if (!isObject(json)) throw new Problem(400, 'not_a_message', 'A message is a JSON object.');
      await takeMessages(c, json, [json], call);
      return c.json({ success: true });
    });
  }
  for (const path of SEGMENT_BATCHES) {
    door.post(path, async (c) => {
      const json = await readExactJson(c.req.raw, MAX_SEGMENT_BATCH_BYTES);
      if (!isObject(json) || !Array.isArray(json.batch))
        throw new Problem(400, 'not_a_batch', 'A batch is {"batch":[…]}: a list of messages.');
      if (json.batch.length > MAX_MESSAGES)
        throw tooMuch(`A batch holds at most ${MAX_MESSAGES} messages, not ${json.batch.length}`);
      await takeMessages(c, json, json.batch);
      return c.json({ success: true });
    });
  }
  for (const path of [...Object.keys(SEGMENT_CALLS), ...SEGMENT_BATCHES])
    door.all(path, (c) => {
      c.header('Allow', 'POST, OPTIONS');
      throw new Problem(405, 'method', `Messages are posted to ${path}.`);
    });

  // What `AnalyticsBrowser.load` asks its CDN for: with `cdnURL` naming this collector, nothing else is needed. It
  // says where to send, to whoever asks; the key is judged when something is sent with it.
  door.get('/v1/projects/:key{[\\w-]{1,100}}/settings', (c) => {
    c.header('Access-Control-Allow-Origin', '*');
    c.header('Cross-Origin-Resource-Policy', 'cross-origin');
    c.header('Cache-Control', 'no-store');
    return c.json(settingsFor(c.req.param('key'), c.req.url, dependencies.isHttps?.(c.req.raw) ?? false));
  });
  return door;

  async function takeMessages(c: Context, body: JsonObject, sent: unknown[], call?: Call): Promise<void> {
    const origin = c.req.header('Origin');
    const writer = { key: keyOf(c.req.header('Authorization'), body), origin };
    await admit(dependencies, writer, (site, intake) =>
      takeMessagesOf({ ...dependencies, intake }, site, c, body, sent, call),
    );
  }

  function takeMessagesOf(
    counted: CollectorDependencies,
    site: Site,
    c: Context,
    body: JsonObject,
    sent: unknown[],
    call: Call | undefined,
  ): Promise<Answer> {
    const origin = c.req.header('Origin');
    const address = dependencies.addressOf(c.req.raw, c.env);
    // A browser's own header says what it is; a server's says nothing about who did it.
    const userAgent = origin === undefined ? '' : (c.req.header('User-Agent') ?? '');
    const receivedAt = now();
    const refusals: Refusal[] = [];
    const taken: Sent[] = [];
    const shared = call === undefined ? sharedIn(body) : undefined;
    for (const [index, message] of sent.entries()) {
      const understood =
        bytesOf(message) > MAX_MESSAGE_BYTES ? TOO_LARGE : readMessage(message, call, shared);
      if ('problem' in understood)
        refusals.push({ index, id: null, code: 'invalid', message: understood.problem, sent: message });
      else taken.push({ index, message, understood });
    }
    const rows = taken.reduce((sum, { understood }) => sum + understood.interactions.length, 0);
    if (rows > MAX_ROWS)
      throw tooMuch(`The messages of a batch may stand for ${MAX_ROWS} interactions, not for ${rows}`);
    const pages = taken.reduce((sum, { understood }) => sum + pageLength(understood), 0);
    if (pages > MAX_PAGE_CHARACTERS)
      throw tooMuch('The pages of a batch are too long for so many interactions');
    // In the order in which they happened, sessions come out the same in whatever order they were sent.
    taken.sort((a, b) => (a.understood.occurredAt ?? receivedAt) - (b.understood.occurredAt ?? receivedAt));
    const arrivals = taken.flatMap(({ index, understood }) =>
      arrivalsOf(site.id, index, understood, {
        receivedAt,
        userAgent,
        sentAt: readSentAt(body.sentAt),
      }),
    );
    return takeArrivals(
      counted,
      site,
      { arrivals, refusals },
      {
        door: 'segment',
        address,
        // What says no time happened at this very moment: a look-up of duplicates knows it by that.
        receivedAt,
        // Where a server stands says nothing about who did it either.
        place: origin === undefined ? undefined : dependencies.placeOf?.(c.req.raw.headers, address),
      },
    );
  }

  function arrivalsOf(
    siteId: string,
    index: number,
    message: Understood,
    request: { receivedAt: number; userAgent: string; sentAt: number | undefined },
  ): Arrival[] {
    const { visitor_id, user_id, occurredAt, sdk, page } = message;
    if (message.messageId === undefined) metrics.warned('missing_message_id', 1);
    const messageId = message.messageId ?? crypto.randomUUID();
    const person = JSON.stringify(visitor_id === undefined ? { user_id } : { visitor_id });
    const at = occurredAt ?? request.receivedAt;
    const session_id =
      saidSession(siteId, person, message.context, message.integrations) ??
      sessions.sessionOf(siteId, person, at);
    return message.interactions.map((interaction, part) => ({
      index,
      sender: {
        visitor_id,
        user_id,
        session_id,
        sdk,
        // The collector corrects the client's clock by it, as Segment does.
        sentAt: occurredAt === undefined ? undefined : (message.sentAt ?? request.sentAt),
        userAgent: message.userAgent ?? request.userAgent,
      },
      page,
      interaction: { ...interaction, id: idOfMessage(siteId, messageId, part), occurred_at: at },
    }));
  }
}

/** Of all its rows. */
function pageLength({ page = {}, interactions }: Understood): number {
  const texts = Object.values(page).filter((value) => typeof value === 'string');
  return interactions.length * texts.reduce((sum, { length }) => sum + length, 0);
}

const tooMuch = (what: string) => new Problem(413, 'too_large', `${what}: split it.`);

const TOO_LARGE = {
  problem: `The message is larger than ${MAX_MESSAGE_BYTES} bytes. Send ids instead of contents.`,
};

/** Basic auth with the key as the user's name and no password, or `writeKey` in the body. */
function keyOf(authorization: string | undefined, body: JsonObject): string {
  const basic = /^Basic ([A-Za-z0-9+/=_-]+)$/i.exec(authorization ?? '')?.[1];
  const key = (basic === undefined ? '' : decoded(basic).split(':')[0]) || body.writeKey;
  if (typeof key === 'string' && key !== '') return key;
  throw new Problem(
    401,
    'key_missing',
    'The message carries no write key: send it as the user name of Basic authentication (with an empty password), or as "writeKey" in the body.',
  );
}

function decoded(basic: string): string {
  try {
    return atob(basic);
  } catch {
    return ''; // No base64: then no key either, which is said above.
  }
}

function readSentAt(value: unknown): number | undefined {
  const ms = typeof value === 'string' ? readTime(value) : undefined;
  return ms === undefined || ms < 0 ? undefined : ms;
}

function bytesOf(message: unknown): number {
  try {
    return new TextEncoder().encode(JSON.stringify(message)).byteLength;
  } catch {
    return 0; // Nested too deep to write: the judge says so.
  }
}
