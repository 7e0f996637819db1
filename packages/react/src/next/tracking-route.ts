/**
 * A collector on the app's own origin: what blockers and third-party rules do to other hosts does not
 * happen to it.
 *
 * Bytes, query and what the browser says of itself pass as they are, the answer streams back. Nothing else
 * does: no cookies, no other address of the collector, no body larger than it takes.
 */

/** What {@link createTrackingRoute} is told. */
export interface TrackingRouteOptions {
  /** The address of the collector, such as `https://stats.example.com`. */
  upstream: string;
  /**
   * How long the collector may take. Then the browser is told to try again.
   * @defaultValue `10000`
   */
  timeoutMs?: number;
}

/** A handler of a route of the App Router. `params` is the rest of the path, whatever the folder calls it. */
export type TrackingHandler = (
  request: Request,
  context: { params: Promise<Record<string, string | string[] | undefined>> },
) => Promise<Response>;

/** The wire takes this much, inflated. */
const MAX_BODY_BYTES = 1_048_576;
/** What browsers post to, and the scripts: everything else of a collector needs other rights. */
const POSTED = /^v1\/(interactions|batch|track|page|identify|[tpi])$/;
const SCRIPT = /^t(-[\w.-]+)?\.js$/;
/** What says who asks, from where and with which wishes. No cookies, no authorization. */
const REQUEST_HEADERS =
  /^(accept|accept-language|content-type|content-encoding|dnt|if-none-match|origin|referer|save-data|sec-ch-.*|sec-gpc|user-agent|x-forwarded-for|x-real-ip|x-request-id)$/;
/** `fetch` has taken the encoding off by then. */
const ANSWER_HEADERS = /^(cache-control|content-type|etag|retry-after|x-request-id)$/;

/**
 * Handlers of a first-party route to the collector.
 *
 * @throws TypeError when `upstream` is no address.
 * @example
 * // app/t/[...path]/route.ts, with createTracker({ endpoint: '/t' })
 * export const { GET, POST } = createTrackingRoute({ upstream: 'https://stats.example.com' });
 */
export function createTrackingRoute({ upstream, timeoutMs = 10_000 }: TrackingRouteOptions): {
  GET: TrackingHandler;
  POST: TrackingHandler;
} {
  if (!/^https?:\/\/[^/\s]/.test(upstream)) {
    throw new TypeError(
      `createTrackingRoute: "upstream" cannot be ${JSON.stringify(upstream)}. ` +
        'Pass the address of your collector, such as "https://stats.example.com".',
    );
  }
  const base = upstream.replace(/\/+$/, '');

  const handlerOf =
    (allowed: RegExp): TrackingHandler =>
    async (request, { params }) => {
      const path = Object.values(await params)
        .flat()
        .join('/');
      if (!allowed.test(path)) return new Response(null, { status: 404 });
      const body = request.body && (await readBounded(request.body));
      if (body === 'too large') return new Response(null, { status: 413 });
      try {
        const answer = await fetch(`${base}/${path}${new URL(request.url).search}`, {
          method: request.method,
          headers: pick(request.headers, REQUEST_HEADERS),
          body,
          redirect: 'manual',
          cache: 'no-store',
          // Not the request's own signal: a page that goes has still said something.
          signal: AbortSignal.timeout(timeoutMs),
        });
        return new Response(answer.body, {
          status: answer.status,
          headers: pick(answer.headers, ANSWER_HEADERS),
        });
      } catch {
        // Whatever it was, the browser keeps its batch and comes back.
        return new Response(null, { status: 503, headers: { 'retry-after': '5' } });
      }
    };
  return { GET: handlerOf(SCRIPT), POST: handlerOf(POSTED) };
}

async function readBounded(
  stream: ReadableStream<Uint8Array>,
): Promise<Uint8Array<ArrayBuffer> | 'too large'> {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.byteLength;
    if (length > MAX_BODY_BYTES) {
      await reader.cancel();
      return 'too large';
    }
    chunks.push(value);
  }
  const body = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.byteLength;
  }
  return body;
}

const pick = (headers: Headers, wanted: RegExp) =>
  new Headers([...headers].filter(([name]) => wanted.test(name)));
