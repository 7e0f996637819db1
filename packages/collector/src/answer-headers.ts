import type { Context, MiddlewareHandler } from 'hono';

/** Answers of the collector itself. Everything else may be a page, which says itself what it may load. */
const NO_PAGE = /^\/(v1\/|(healthz|readyz|metrics)$)/;
const HSTS = 'max-age=31536000';
/** Ids as proxies make them. Anything else would be somebody's way into the logs. */
const PLAIN_ID = /^[\w.-]{1,64}$/;

/**
 * Headers that every answer carries. A route may set its own in their place.
 *
 * @param isHttps - Whether the sender came by https, as far as it can be trusted.
 */
export function answerHeaders(isHttps?: (request: Request) => boolean): MiddlewareHandler {
  return async (c, next) => {
    c.header('X-Content-Type-Options', 'nosniff');
    c.header('Referrer-Policy', 'no-referrer');
    if (isHttps?.(c.req.raw)) c.header('Strict-Transport-Security', HSTS);
    if (NO_PAGE.test(c.req.path)) refusePages(c);
    await next();
  };
}

/** What is in this answer is data: it loads nothing, and no page may show it in a frame. */
export function refusePages(c: Context): void {
  c.header('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
}

/** The id that proxy and collector know a request by: the proxy's, or a new one. */
export function requestIdOf(c: Context): string {
  const given = c.req.header('X-Request-Id') ?? '';
  return PLAIN_ID.test(given) ? given : crypto.randomUUID();
}
