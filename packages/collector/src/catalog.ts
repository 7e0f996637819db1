/** `PUT /v1/catalog`: a site says what its events, artists, venues, ads and offers are, and what it knows of people. */
import type { EntityRow } from '@turnout/schema';
import { Hono } from 'hono';
import { readBody } from './body.ts';
import { entitySchema, personSchema } from './catalog-lines.ts';
import { defined } from './defined.ts';
import { entityEntry, type Learning, personEntry } from './facts.ts';
import type { LogEntry } from './intake.ts';
import type { EventFacts, Traits } from './knowledge.ts';
import { parseExactJson } from './parse-json.ts';
import { authorizeSite } from './privacy/authorize.ts';
import type { KeyMaker } from './privacy/person-keys.ts';
import { Problem } from './problem.ts';
import type { Site } from './sites.ts';
import { readTraits } from './traits.ts';
import { whatIsWrong } from './what-is-wrong.ts';

export interface CatalogOptions {
  token: string;
  sites: () => readonly Site[];
  learning: Learning;
  make: KeyMaker;
  now?: () => number;
}

/** A line that was not taken; its neighbours were. */
interface RejectedLine {
  /** From 1, as editors count. */
  line: number;
  code: 'not_json' | 'invalid';
  message: string;
}

/** A line that is fit to be stored, and what the collector then knows; or what is wrong with it. */
type Reading = { entry: LogEntry; apply: () => void } | Omit<RejectedLine, 'line'>;

const MAX_BODY_BYTES = 4 * 1024 * 1024;
const MAX_LINES = 20_000;
const LINES_AT_ONCE = 1_000;

/** The route, behind the secret key of a site or the admin token. */
export function createCatalog({ token, sites, learning, make, now = Date.now }: CatalogOptions): Hono {
  const catalog = new Hono();
  catalog.put('/v1/catalog', async (c) => {
    const site = authorizeSite(c.req.header('Authorization'), c.req.query('site'), { token, sites: sites() });
    const lines = linesOf(await readBody(c.req.raw, MAX_BODY_BYTES));
    const rejected: RejectedLine[] = [];
    const byKey = new Map<string, { entry: LogEntry; apply: () => void }>();
    for (const { line, value } of lines) {
      const read = readLine(value, site.id, now());
      if ('entry' in read) {
        // What is said twice stands where it was said last: a line between the two may say something else.
        byKey.delete(read.entry.key);
        byKey.set(read.entry.key, read);
      } else rejected.push({ line, ...read });
    }
    const taken = [...byKey.values()];
    for (let from = 0; from < taken.length; from += LINES_AT_ONCE) {
      const some = taken.slice(from, from + LINES_AT_ONCE);
      await learning.facts.take(some.map(({ entry }) => entry));
      // Only what is on disk is known: a crash must not leave rows that nothing explains.
      for (const { apply } of some) apply();
    }
    return c.json({ accepted: lines.length - rejected.length, rejected });
  });
  return catalog;

  function readLine(value: unknown, siteId: string, at: number): Reading {
    if (value instanceof SyntaxError)
      return { code: 'not_json', message: `This is no JSON: ${value.message.slice(0, 200)}` };
    const isPerson =
      typeof value === 'object' && value !== null && ('user_id' in value || 'visitor_id' in value);
    return isPerson ? readPerson(value, siteId, at) : readEntity(value, siteId, at);
  }

  function readEntity(value: unknown, siteId: string, at: number): Reading {
    const parsed = entitySchema.safeParse(value);
    if (!parsed.success) return { code: 'invalid', message: whatIsWrong(parsed.error) };
    const { deleted, version: given, ...said } = parsed.data;
    const entity: EntityRow = {
      ...defined(said),
      site_id: siteId,
      version: given ?? String(at),
      deleted: deleted ? 1 : 0,
    };
    const apply = () => {
      if (entity.entity_type === 'event')
        learning.known.setEvent(
          siteId,
          entity.entity_id,
          deleted ? undefined : factsOf(entity),
          entity.version,
        );
    };
    return { entry: entityEntry(entity, at), apply };
  }

  function readPerson(value: object, siteId: string, at: number): Reading {
    const parsed = personSchema.safeParse(value);
    if (!parsed.success) {
      return { code: 'invalid', message: whatIsWrong(parsed.error) };
    }
    const { user_id, visitor_id, version: given, ...told } = parsed.data;
    const userKey =
      user_id === undefined ? make.visitor(siteId, visitor_id ?? '') : make.person(siteId, user_id);
    const traits: Traits = readTraits(defined(told), new Date(at).getUTCFullYear()) ?? {};
    const version = given ?? String(at);
    const entry = personEntry(siteId, userKey, traits, { at, by: version, version });
    return { entry, apply: () => learning.known.setPerson(siteId, userKey, traits, version) };
  }
}

function factsOf({ artist_id, venue_id, genre, starts_on, price_min, price_max }: EntityRow): EventFacts {
  return defined({ artist_id, venue_id, genre, event_date: starts_on, price_min, price_max });
}

/** Lines of JSON, or one JSON array, or one object. A line that is no JSON stands for itself. */
function linesOf(body: string): { line: number; value: unknown }[] {
  const values = body.trimStart().startsWith('[')
    ? arrayOf(body)
    : body.split('\n').map((line) => (line.trim() === '' ? undefined : parse(line)));
  const whole = values.every((value) => value === undefined || value instanceof SyntaxError)
    ? [parse(body)]
    : values;
  const lines = whole.flatMap((value, index) => (value === undefined ? [] : [{ line: index + 1, value }]));
  if (lines.length > MAX_LINES)
    throw new Problem(
      413,
      'too_large',
      `A request holds at most ${MAX_LINES} lines, not ${lines.length}: split it.`,
    );
  return lines;
}

function arrayOf(body: string): unknown[] {
  const value = parse(body);
  if (!Array.isArray(value))
    throw new Problem(
      400,
      'not_json',
      'The body begins like a JSON array but cannot be read as one. Send one object a line, or an array of them.',
    );
  return value;
}

function parse(json: string): unknown {
  try {
    return parseExactJson(json);
  } catch (error) {
    return error;
  }
}
