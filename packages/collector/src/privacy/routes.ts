import { type Context, Hono } from 'hono';
import { stream } from 'hono/streaming';
import { requestIdOf } from '../answer-headers.ts';
import { readBody } from '../body.ts';
import { Problem } from '../problem.ts';
import { bearerOf, isSecret } from '../secret.ts';
import type { Site } from '../sites.ts';
import type { WritableDatabase } from '../writable-database.ts';
import type { Writer } from '../writer.ts';
import { authorizeSite } from './authorize.ts';
import type { Eraser, Step } from './erasure.ts';
import type { Exclusive } from './exclusive.ts';
import { exportPerson } from './export.ts';
import { type KeyMaker, personKeys } from './person-keys.ts';

export interface PrivacyOptions {
  token: string;
  sites: () => readonly Site[];
  database: WritableDatabase;
  make: KeyMaker;
  eraser: Eraser;
  writer: Pick<Writer, 'drain'>;
  exclusive: Exclusive;
  log: { error(details: object, message: string): void };
}

/** An export waits so long for what is on its way to be stored. */
const STORE_MS = 60_000;
const MAX_BODY_BYTES = 1024 * 1024;
const MAX_IDS = 10_000;
const MAX_ID_LENGTH = 200;
/** A proxy gives an answer up that says nothing for a minute, and `fetch` after five: a turn, and one step, may take longer. */
const SAY_EVERY_MS = 15_000;

/** What the law gives a person: all that is stored about them, and its end. */
export function createPrivacy(options: PrivacyOptions): Hono {
  const { token, sites, database, make, eraser, writer, exclusive, log } = options;
  const privacy = new Hono();
  const siteOf = (c: Context) =>
    authorizeSite(c.req.header('Authorization'), c.req.query('site'), { token, sites: sites() });

  privacy.post('/v1/privacy/export', async (c) => {
    const site = siteOf(c);
    const ids = await idsOf(c);
    // What was acknowledged belongs to the answer. A verification holds the writer: it is waited for.
    if (!(await exclusive.run(() => writer.drain(STORE_MS)))) {
      c.header('Retry-After', '60');
      throw new Problem(
        503,
        'not_stored',
        'What was taken lately is not stored yet, so the export would miss it: the database is not taking rows. See /readyz, then ask again.',
      );
    }
    const { keys } = await personKeys(database, make, site.id, ids);
    c.header('Content-Type', 'application/zip');
    c.header('Content-Disposition', 'attachment; filename="person.zip"');
    c.header('Cache-Control', 'no-store');
    return c.body(exportPerson(database, { site_id: site.id, ids, user_keys: keys }));
  });

  // Lines of JSON: {"progress":…} while it runs, then {"receipt":…} or {"error":…}.
  privacy.post('/v1/privacy/erase', async (c) => {
    const site = siteOf(c);
    const ids = await idsOf(c);
    exclusive.requireNoLongWait();
    return stream(c, async (out) => {
      const say = (line: object) => out.writeln(JSON.stringify(line));
      let progress: Step = { step: 'waiting for its turn', table: 'erasures', done: 0, total: 1 };
      const saying = setInterval(() => void say({ progress }), SAY_EVERY_MS);
      try {
        // Whoever asked may hang up; the erasure goes on.
        const receipt = await exclusive.run(() =>
          eraser.erase(site.id, ids, (next) => {
            progress = next;
            void say({ progress });
          }),
        );
        clearInterval(saying);
        await say({ receipt });
      } catch (error) {
        clearInterval(saying);
        await say({ error: whatWentWrong(c, error) });
      }
    });
  });
  return privacy;

  /** Operators read it all. A site's own key opens its data, and not how they are stored. */
  function whatWentWrong(c: Context, error: unknown): string {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof Problem || isSecret(bearerOf(c.req.header('Authorization')), token)) return message;
    const requestId = requestIdOf(c);
    log.error({ requestId, path: c.req.path, error: message }, 'an erasure could not be finished');
    return `The erasure is not finished: something went wrong here. Its id is ${requestId}. Send the same again later; what was begun goes on.`;
  }
}

async function idsOf(c: Context): Promise<string[]> {
  const text = await readBody(c.req.raw, MAX_BODY_BYTES);
  let ids: unknown;
  try {
    ids = (JSON.parse(text) as { ids?: unknown } | null)?.ids;
  } catch {
    ids = undefined; // Said below, with what to send instead.
  }
  const isId = (id: unknown): id is string =>
    typeof id === 'string' && id.length > 0 && id.length <= MAX_ID_LENGTH;
  if (!Array.isArray(ids) || ids.length === 0 || ids.length > MAX_IDS || !ids.every(isId)) {
    throw new Problem(
      400,
      'ids_missing',
      `Send {"ids":["user_1"]}: 1 to ${MAX_IDS} ids of people or visitors, each a text of at most ${MAX_ID_LENGTH} characters.`,
    );
  }
  return [...new Set(ids)];
}
