import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import type { Tracker } from './trackers.ts';

/** One arrival of a numbered interaction. */
interface Arrival {
  n: number;
  /** What the tracker's own server could recognise a second arrival by. */
  id: string | undefined;
}

/** A server that stands for the tracker's own: it takes everything, says so, and remembers. */
export interface Sink {
  url: string;
  arrivals: Arrival[];
  /** When something arrived last. */
  lastAt(): number;
  close(): Promise<void>;
}

/** Starts a {@link Sink} that speaks as the server of `tracker` does. */
export async function createSink(tracker: Tracker): Promise<Sink> {
  const arrivals: Arrival[] = [];
  let lastAt = Date.now();
  const server = createServer(async (request, response) => {
    const body = await read(request).catch(() => Buffer.alloc(0));
    // Trackers ask with credentials and headers of their own: every origin may, and read the answer.
    response.setHeader('Access-Control-Allow-Origin', request.headers.origin ?? '*');
    response.setHeader('Access-Control-Allow-Credentials', 'true');
    response.setHeader(
      'Access-Control-Allow-Headers',
      request.headers['access-control-request-headers'] ?? '*',
    );
    if (request.method === 'OPTIONS') return response.writeHead(204).end();
    const events = tracker.events(decode(body, request.url ?? '/'));
    for (const event of events) {
      const n = /"bench_n\\*":\s*\\*"?(\d+)/.exec(JSON.stringify(event))?.[1];
      if (n) arrivals.push({ n: Number(n), id: tracker.idOf?.(event) });
    }
    lastAt = Date.now();
    const { status = 200, body: answer } = tracker.answer(events.length);
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrivals,
    lastAt: () => lastAt,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** JSON from whatever it was wrapped in: gzip, a form, base64. Undefined when it is none. */
function decode(body: Buffer, url: string): unknown {
  const isGzip = body[0] === 0x1f && body[1] === 0x8b;
  const text = (isGzip ? gunzipSync(body) : body).toString('utf8');
  const form = new URLSearchParams(text.startsWith('data=') ? text : url.split('?')[1]).get('data');
  for (const candidate of [text, form, Buffer.from(form ?? text, 'base64').toString('utf8')]) {
    try {
      return JSON.parse(candidate ?? '');
    } catch {
      // It was wrapped otherwise: the next candidate may be JSON.
    }
  }
  return undefined;
}
