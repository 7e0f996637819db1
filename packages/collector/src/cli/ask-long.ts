import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';

/**
 * Posts to a collector, and waits for as long as it works: `fetch` gives up when nothing came for five minutes, which the copy
 * of a large database takes, or the turn behind another command.
 *
 * @throws Error when the collector goes away before it answers.
 */
export function askLong(
  url: string,
  { headers, body }: { headers: { [name: string]: string }; body?: string },
): Promise<Response> {
  const request = url.startsWith('https:') ? requestHttps : requestHttp;
  return new Promise((done, fail) => {
    const asked = request(url, { method: 'POST', headers }, (answer) => done(responseOf(answer)));
    asked.once('error', (error) =>
      fail(
        new Error(
          `The collector went away before it answered (${error.message}). See that it runs, then give the command again.`,
        ),
      ),
    );
    asked.end(body);
  });
}

function responseOf(answer: IncomingMessage): Response {
  const headers = new Headers();
  for (const [name, value] of Object.entries(answer.headers))
    if (value !== undefined) headers.set(name, String(value));
  return new Response(Readable.toWeb(answer) as ReadableStream<Uint8Array>, {
    status: answer.statusCode ?? 500,
    headers,
  });
}
