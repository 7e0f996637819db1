import type { Hono } from 'hono';

/**
 * Lets pages of every origin read the answers of a path, the 401 and 403 too: a page can only say what is wrong
 * with its key when it may read that. Which origins may *write* is decided by the site.
 */
export function readableByPages(app: Hono, path: string, headers: readonly string[]): void {
  app.use(path, async (c, next) => {
    const origin = c.req.header('Origin');
    c.header('Vary', 'Origin');
    if (origin) {
      // Requests may carry credentials, so the answer names the exact origin.
      c.header('Access-Control-Allow-Origin', origin);
      c.header('Access-Control-Allow-Credentials', 'true');
      c.header('Access-Control-Expose-Headers', 'Retry-After, X-Request-Id');
      // Or else a page that is isolated from other origins could not read it.
      c.header('Cross-Origin-Resource-Policy', 'cross-origin');
    }
    await next();
  });
  app.options(path, (c) => {
    c.header('Access-Control-Allow-Methods', 'POST');
    c.header('Access-Control-Allow-Headers', headers.join(', '));
    c.header('Access-Control-Max-Age', '86400');
    return c.body(null, 204);
  });
}
