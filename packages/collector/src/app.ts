/**
 * The collector's table of contents: what every request passes, then the routes.
 *
 * No Node imports here or below: the same app runs on Node with the durable log and at the edge with a
 * queue in its place. What differs comes in through {@link CollectorDependencies}.
 */
import { INTERACTIONS_PATH, QUERY } from '@turnout/schema/wire';
import { type Context, Hono } from 'hono';
import { admit, admitAddress } from './admission.ts';
import { answerHeaders } from './answer-headers.ts';
import type { CollectorDependencies } from './dependencies.ts';
import { readableByPages } from './doors/cross-origin.ts';
import { createDocs } from './doors/openapi/routes.ts';
import { createSegmentDoor, openToPages } from './doors/segment/routes.ts';
import { createServerDoor } from './doors/server/routes.ts';
import { ingestBody } from './ingest.ts';
import { Problem, toResponse } from './problem.ts';
import { createQueryDoor } from './query/routes.ts';

const SCRIPT_MAX_AGE_SECONDS = 3_600;
const IMMUTABLE_MAX_AGE_SECONDS = 31_536_000;

/** Builds the app. Mount it in any Hono server, or serve it with `node.ts`. */
export function createApp(dependencies: CollectorDependencies): Hono {
  const app = new Hono();
  const addressOf = (c: Context) => dependencies.addressOf(c.req.raw, c.env);

  app.use(answerHeaders(dependencies.isHttps));
  app.onError((error, c) => {
    if (error instanceof Problem && error.status === 429) dependencies.metrics.limited?.(error.code);
    return toResponse(error, c, dependencies.log);
  });
  app.notFound((c) =>
    toResponse(
      new Problem(
        404,
        'not_found',
        `There is nothing at ${c.req.method} ${c.req.path}. Batches are posted to ${INTERACTIONS_PATH}; GET /docs shows every address.`,
      ),
      c,
      dependencies.log,
    ),
  );

  readableByPages(app, INTERACTIONS_PATH, ['Content-Type', 'Content-Encoding']);
  openToPages(app);

  // Here already: who guesses tokens is slowed down like who sends too much.
  app.use('/v1/*', async (c, next) => {
    if (dependencies.limits && c.req.method !== 'OPTIONS')
      await admitAddress(dependencies.limits, addressOf(c));
    await next();
  });

  app.post(INTERACTIONS_PATH, async (c) => {
    const writer = { key: c.req.query(QUERY.key), origin: c.req.header('Origin') };
    const address = addressOf(c);
    const answer = await admit(dependencies, writer, (site, intake) =>
      ingestBody({ ...dependencies, intake }, site, c.req.raw, {
        attempt: c.req.query(QUERY.attempt),
        sentAt: c.req.query(QUERY.sentAt),
        isAutomated: c.req.query(QUERY.automated) === '1',
        userAgent: c.req.header('User-Agent') ?? '',
        address,
        place: dependencies.placeOf?.(c.req.raw.headers, address),
      }),
    );
    return c.json(answer, 202);
  });

  app.all(INTERACTIONS_PATH, (c) => {
    c.header('Allow', 'POST, OPTIONS');
    throw new Problem(405, 'method', `Batches are posted to ${INTERACTIONS_PATH}.`);
  });

  app.route('/', createSegmentDoor(dependencies));
  app.route('/', createServerDoor(dependencies));
  if (dependencies.reader) app.route('/', createQueryDoor(dependencies, dependencies.reader));
  app.route('/', createDocs());

  app.get('/:file{t(-[\\w.-]+)?\\.js}', async (c, next) => {
    const script = await dependencies.script(c.req.param('file'));
    if (!script) return next();
    const { body, packed, etag, isImmutable } = script;
    c.header('Vary', 'Accept-Encoding');
    c.header('ETag', etag);
    c.header(
      'Cache-Control',
      isImmutable
        ? `public, max-age=${IMMUTABLE_MAX_AGE_SECONDS}, immutable`
        : `public, max-age=${SCRIPT_MAX_AGE_SECONDS}`,
    );
    c.header('Access-Control-Allow-Origin', '*');
    c.header('Cross-Origin-Resource-Policy', 'cross-origin');
    if (c.req.header('If-None-Match') === etag) return c.body(null, 304);
    c.header('Content-Type', 'text/javascript; charset=utf-8');
    const accepted = c.req.header('Accept-Encoding') ?? '';
    if (!packed) return c.body(body);
    const encoding = (['br', 'gzip'] as const).find((name) => new RegExp(`\\b${name}\\b`).test(accepted));
    if (!encoding) return c.body(body);
    c.header('Content-Encoding', encoding);
    return c.body(packed[encoding]);
  });

  app.get('/healthz', (c) => c.text('ok\n'));
  app.get('/readyz', async (c) => {
    const readiness = await dependencies.readiness();
    return c.json(readiness, readiness.ready ? 200 : 503);
  });
  app.get('/metrics', async (c) => {
    if (!dependencies.mayReadMetrics?.(c.req.raw, c.env)) throw metricsRefused();
    return c.body(await dependencies.renderMetrics(), 200, {
      'Content-Type': 'text/plain; version=0.0.4; charset=utf-8',
    });
  });
  return app;
}

const metricsRefused = () =>
  new Problem(
    401,
    'token_wrong',
    'From another machine this address wants "Authorization: Bearer <admin token, or TURNOUT_METRICS_TOKEN>".',
  );
