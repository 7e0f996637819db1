/**
 * The door for dashboards and back ends: the views that analysts read, one site at a time, over HTTP and as JSON.
 *
 * `GET /v1/query` lists what can be asked, `GET /v1/query/<view>` asks it. Whoever shows the secret key of a site reads the
 * rows of that site, whatever the address says.
 */
import { type Context, Hono } from 'hono';
import { requestIdOf } from '../answer-headers.ts';
import type { CollectorDependencies } from '../dependencies.ts';
import { siteOfServer } from '../privacy/authorize.ts';
import { Problem } from '../problem.ts';
import { bearerOf } from '../secret.ts';
import { findWriter, type Site } from '../sites.ts';
import { DatabaseError } from '../writable-database.ts';
import { exampleOf } from './example.ts';
import { type Question, readQuestion, writeAfter } from './read-question.ts';
import { readViews } from './read-views.ts';
import type { Reader } from './reader.ts';
import { PLACE, toStatement } from './statement.ts';
import { DAYS, filtersOf, hasDays, type View } from './view.ts';
import { whatFailed } from './what-failed.ts';

export const QUERY_PATH = '/v1/query';

/** Views come with migrations: seldom, and from another process where there are several collectors. */
const KEPT_MS = 60_000;

export function createQueryDoor(dependencies: CollectorDependencies, reader: Reader): Hono {
  const door = new Hono();
  const { now = Date.now, metrics, log } = dependencies;
  /** Said once. */
  const unreadable = new Set<string>();
  let known: { at: number; views: Promise<View[]> } | undefined;

  door.get(QUERY_PATH, async (c) => {
    const site = mayList(dependencies, c);
    const views = await viewsOf(c);
    c.header('Cache-Control', 'no-store');
    return c.json({ views: views.map((view) => listed(view, site, now())) });
  });

  door.get(`${QUERY_PATH}/:view`, async (c) => {
    const site = siteOf(dependencies, c);
    const view = await viewOf(c, c.req.param('view'));
    const question = readQuestion(view, new URL(c.req.url).searchParams);
    const rows = await ask(c, view, question, site);
    c.header('Cache-Control', 'no-store');
    return c.json(answerOf(question, site, rows, c.req.url));
  });

  return door;

  async function viewsOf(c: Context): Promise<readonly View[]> {
    if (known === undefined || now() - known.at > KEPT_MS) {
      const asked = { at: now(), views: readViews((sql) => reader.query(sql), tellUnreadable) };
      known = asked;
      // What could not be read is read again by whoever asks next.
      asked.views.catch(() => {
        if (known === asked) known = undefined;
      });
    }
    const views = await known.views.catch((error) => fail(c, error));
    if (views.length > 0) return views;
    known = undefined;
    throw new Problem(503, 'not_migrated', 'The database has no views yet: see /readyz, then ask again.', 5);
  }

  function tellUnreadable(view: string): void {
    if (!unreadable.has(view)) log.warn({ view }, 'a view cannot be asked: its columns cannot be read');
    unreadable.add(view);
  }

  async function viewOf(c: Context, name: string): Promise<View> {
    const views = await viewsOf(c);
    const view = views.find((it) => it.name === name);
    if (view) return view;
    throw new Problem(
      404,
      'view_unknown',
      `There is no view ${JSON.stringify(name.slice(0, 100))}. There are: ${views.map((it) => it.name).join(', ')}. GET ${QUERY_PATH} says what is in them.`,
    );
  }

  async function ask(c: Context, view: View, question: Question, site: Site): Promise<Row[]> {
    const { sql, parameters } = toStatement(question, site.id);
    const began = performance.now();
    try {
      return (await reader.query(sql, { parameters, site: site.id, signal: c.req.raw.signal })) as Row[];
    } catch (error) {
      return fail(c, error, view);
    } finally {
      metrics.asked?.(view.name, (performance.now() - began) / 1_000);
    }
  }

  /** The words of the database are for the log: they may name more than one site's own. */
  function fail(c: Context, error: unknown, view?: View): never {
    const problem = whatFailed(error, view);
    const requestId = requestIdOf(c);
    // A slip of whoever asked, most likely; but a view that a migration broke fails like this, too. No value is told.
    if (problem?.status === 400 && error instanceof DatabaseError)
      log.warn({ requestId, view: view?.name, code: error.code }, 'a view does not take its arguments');
    if (problem) throw problem;
    log.error({ requestId, path: c.req.path, error: String(error).slice(0, 1_000) }, 'a question failed');
    // The next answer is read anew: a migration may have changed the view under the question.
    known = undefined;
    throw new Problem(
      503,
      'question_failed',
      `The database could not answer this. Ask again; when it stays so, the log of the collector says more of ${requestId}.`,
      5,
    );
  }
}

type Row = { [column: string]: unknown };

function answerOf(question: Question, site: Site, rows: Row[], url: string) {
  const { view, columns, limit } = question;
  const page = rows.slice(0, limit);
  return {
    view: view.name,
    site: site.id,
    columns: columns.map(({ name, type }) => ({ name, type })),
    rows: page.map(({ [PLACE]: _, ...row }) => row),
    ...(rows.length > limit ? { next: nextPage(question, rows, url) } : {}),
  };
}

/** The address of the next page: this one with another place to begin at. */
function nextPage({ view, order, limit, offset }: Question, rows: Row[], url: string): string {
  const { pathname, searchParams } = new URL(url);
  const [last, first] = rows.slice(-2).map((row) => (row[PLACE] ?? []) as string[]);
  // Between two rows that nothing tells apart no page can be cut by what they are: then rows are counted.
  const isCounted = order.length > 0 || String(last) === String(first);
  const after = isCounted ? undefined : writeAfter(view, last ?? []);
  if (after === undefined) {
    searchParams.set('offset', String(offset + limit));
  } else {
    searchParams.delete('offset');
    searchParams.set('after', after);
  }
  return `${pathname}?${searchParams}`;
}

function listed(view: View, site: Site | undefined, now: number) {
  return {
    name: view.name,
    comment: view.comment,
    ...(view.arguments.length > 0 ? { arguments: view.arguments } : {}),
    filters: [...(hasDays(view) ? DAYS : []), ...filtersOf(view).map(({ name }) => name)],
    columns: view.columns,
    example: `${QUERY_PATH}/${view.name}${exampleOf(view, site?.id, now)}`,
  };
}

function siteOf(dependencies: CollectorDependencies, c: Context): Site {
  const header = c.req.header('Authorization');
  refuseWriteKeys(dependencies.sites(), header, c.req.query('key'));
  return siteOfServer(dependencies, header, c.req.query('site'));
}

/** What can be asked is the same for all sites: with the admin token none has to be named. */
function mayList(dependencies: CollectorDependencies, c: Context): Site | undefined {
  try {
    return siteOf(dependencies, c);
  } catch (error) {
    const isUnnamed = error instanceof Problem && error.code === 'site_unknown';
    if (isUnnamed && c.req.query('site') === undefined) return undefined;
    throw error;
  }
}

/** Somebody who takes the key of their page for the one that reads is told which one does. */
function refuseWriteKeys(
  sites: readonly Site[],
  header: string | undefined,
  inAddress: string | undefined,
): void {
  const shown = [bearerOf(header), ...(header === undefined ? [inAddress ?? ''] : [])];
  if (!shown.some((key) => findWriter(sites, key))) return;
  throw new Problem(
    403,
    'key_public',
    'This is a write key: it stands in your pages for everybody to read, so it opens nothing. Show "Authorization: Bearer <secret key of the site>"; secret keys are in the sites file.',
  );
}
