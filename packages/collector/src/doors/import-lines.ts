/**
 * Lines of history, as `turnout import` sends them: each is an interaction of the wire that says itself whose it is,
 * or a whole batch. Every row is looked up before it is stored, so the same line twice counts once.
 */
import { type Answer, contextSchema, type Interaction, type PageContext } from '@turnout/schema';
import { defined } from '../defined.ts';
import type { CollectorDependencies } from '../dependencies.ts';
import { derivedId } from '../derived-id.ts';
import { ingest } from '../ingest.ts';
import { parseExactJson } from '../parse-json.ts';
import { Problem } from '../problem.ts';
import { isObject, type JsonObject } from '../read-json.ts';
import type { Site } from '../sites.ts';
import { type Arrival, type Refusal, takeArrivals } from './arrivals.ts';
import { canonicalJson } from './canonical-json.ts';
import { HOW_TO_WRITE_TIME, readTime } from './read-time.ts';
import { idOf, textOf } from './take-fields.ts';

/** What one request may hold: 4 MB in at most 5,000 lines. */
export const MAX_IMPORT_BYTES = 4 * 1024 * 1024;
export const MAX_IMPORT_LINES = 5_000;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
const PAGE_FIELDS: ReadonlySet<string> = new Set(Object.keys(contextSchema.shape));
const SENDER_FIELDS: ReadonlySet<string> = new Set([
  'visitor_id',
  'user_id',
  'session_id',
  'sdk',
  'env',
  'user_agent',
]);

/**
 * Takes lines; an empty one is passed over.
 *
 * @returns As for a batch; `index` is that of the line, from 0. `accepted` counts interactions.
 */
export async function importLines(
  dependencies: CollectorDependencies,
  site: Site,
  lines: readonly string[],
): Promise<Answer> {
  const arrivals: Arrival[] = [];
  const refusals: Refusal[] = [];
  const batches: { index: number; batch: JsonObject }[] = [];
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const sent = parse(line);
    if (isObject(sent) && 'interactions' in sent) {
      batches.push({ index, batch: sent });
      continue;
    }
    const read = readLine(site.id, sent);
    if ('problem' in read) {
      const id = isObject(sent) ? (idOf(sent.id) ?? null) : null;
      refusals.push({ index, id, code: 'invalid', message: read.problem, sent: sent ?? line });
    } else arrivals.push({ index, ...read });
  }
  const answers = await Promise.all([
    takeArrivals(dependencies, site, { arrivals, refusals }, { door: 'import', address: '', isBulk: true }),
    ...batches.map((it) => importBatch(dependencies, site, it)),
  ]);
  return {
    accepted: answers.reduce((sum, { accepted }) => sum + accepted, 0),
    rejected: answers.flatMap(({ rejected }) => rejected).sort((a, b) => a.index - b.index),
  };
}

async function importBatch(
  dependencies: CollectorDependencies,
  site: Site,
  { index, batch }: { index: number; batch: JsonObject },
): Promise<Answer> {
  try {
    const answer = await ingest(dependencies, site, batch, {
      attempt: undefined,
      sentAt: undefined,
      userAgent: textOf(batch.user_agent) ?? '',
      address: '',
      isBulk: true,
    });
    return { ...answer, rejected: answer.rejected.map((rejection) => ({ ...rejection, index })) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const refusal = { index, id: null, code: 'invalid' as const, message: error.message, sent: batch };
    return takeArrivals(
      dependencies,
      site,
      { arrivals: [], refusals: [refusal] },
      { door: 'import', address: '', isBulk: true },
    );
  }
}

function readLine(siteId: string, sent: unknown): Omit<Arrival, 'index'> | { problem: string } {
  if (sent === undefined) return { problem: 'The line is no JSON.' };
  if (!isObject(sent)) return { problem: 'A line is a JSON object: an interaction, or a batch.' };
  const page: JsonObject = {};
  const sender: JsonObject = {};
  const interaction: JsonObject = {};
  for (const [name, value] of Object.entries(sent)) {
    if (value === null) continue; // As exports of databases write what is not there.
    if (PAGE_FIELDS.has(name)) page[name] = flat(value);
    else if (SENDER_FIELDS.has(name)) sender[name] = flat(value);
    else interaction[name] = value;
  }
  const { user_agent, visitor_id, user_id, session_id, sdk = 'import', env } = sender;
  if (visitor_id === undefined && user_id === undefined)
    return { problem: 'Nobody did it: say "visitor_id" or "user_id".' };
  // What is neither text nor a number is left for the judge to name.
  const { occurred_at } = interaction;
  const time = typeof occurred_at === 'string' ? readTime(occurred_at) : occurred_at;
  if (time === undefined && occurred_at !== undefined)
    return {
      problem: `"occurred_at" is ${JSON.stringify(occurred_at).slice(0, 100)}: write ${HOW_TO_WRITE_TIME}.`,
    };
  const id = readId(siteId, sent);
  if (id === undefined) return { problem: 'It nests too deep; flatten its "props".' };
  const { context: _, ...fields } = interaction;
  return {
    sender: defined({
      // Judged with the batch: what is no text, or too long, is told.
      visitor_id: nameOf(visitor_id),
      user_id: nameOf(user_id),
      session_id: nameOf(session_id),
      sdk: sdk as string,
      env: env as string | undefined,
      userAgent: textOf(user_agent),
    }),
    page: Object.keys(page).length > 0 ? (page as PageContext) : undefined,
    interaction: {
      ...(fields as unknown as Interaction),
      id,
      occurred_at: time as number,
    },
  };
}

/** A UUID stays; any other id makes one; a line without an id is named by all that it says. */
function readId(siteId: string, sent: JsonObject): string | undefined {
  const own = idOf(sent.id);
  if (own !== undefined) return UUID.test(own) ? own : derivedId(siteId, 'import', own);
  const text = canonicalJson(sent);
  return text === undefined ? undefined : derivedId(siteId, 'import-line', text);
}

/** What is no text is judged as such, and lines are compared before: what nests deep would run out of stack. */
function flat(value: unknown): unknown {
  return typeof value === 'object' ? [] : value;
}

/** Numbers are ids, too. */
function nameOf(value: unknown): string | undefined {
  return value === undefined ? undefined : (idOf(value) ?? (value as string));
}

function parse(line: string): unknown {
  try {
    return parseExactJson(line);
  } catch {
    return undefined; // Told as what it is: no JSON.
  }
}
