import {
  Agent,
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * What the network does to requests, from now on:
 *
 * - `none`: nothing.
 * - `slow`: each takes a while longer, there and back.
 * - `refuse`: nobody listens, and open connections are closed.
 * - `reset`: the connection breaks before anything was processed.
 * - `unavailable` and `error`: 503 and 500 at once, before anything was processed.
 * - `stall`: nothing is processed, and no answer ever comes.
 * - `cut`: processed; then the connection breaks instead of the answer.
 * - `drop`: processed; no answer ever comes.
 */
type Fault = 'none' | 'slow' | 'refuse' | 'reset' | 'unavailable' | 'error' | 'stall' | 'cut' | 'drop';

/** The network between a page and its collector, in our hands. */
export interface FaultProxy {
  url: string;
  /** Sets what happens to requests that arrive from now on. What hangs already keeps hanging. */
  inject(fault: Fault): Promise<void>;
  /** How many requests met a fault. */
  met(): number;
  /** How many requests are with the upstream now. */
  underWay(): number;
  close(): Promise<void>;
}

const SLOW_MS = 700;
const STATUS: Partial<Record<Fault, number>> = { unavailable: 503, error: 500 };

/** Puts a {@link FaultProxy} in front of `upstream`, on a port of 127.0.0.1. */
export async function createFaultProxy(upstream: string): Promise<FaultProxy> {
  const agent = new Agent({ keepAlive: true });
  let fault: Fault = 'none';
  let met = 0;
  let underWay = 0;
  const server = createServer((incoming, outgoing) => {
    incoming.on('error', () => {}); // The page went in the middle of its request.
    void meet(fault, incoming, outgoing).catch(() => incoming.socket.resetAndDestroy());
  });
  // A connection that idles is the page's to close: a fault should come from `inject` alone.
  server.keepAliveTimeout = 0;
  await listen(server, 0);
  const { port } = server.address() as AddressInfo;

  async function meet(now: Fault, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    if (now !== 'none') met += 1;
    if (now === 'reset') return void incoming.socket.resetAndDestroy();
    const body = await read(incoming);
    if (now === 'stall') return;
    const status = STATUS[now];
    if (status) {
      // Readable across origins and with credentials, as an error page of the server itself would be.
      outgoing.writeHead(status, {
        'Access-Control-Allow-Origin': incoming.headers.origin ?? '*',
        'Access-Control-Allow-Credentials': 'true',
      });
      return void outgoing.end('this is not the collector');
    }
    if (now === 'slow') await pause(SLOW_MS);
    underWay += 1;
    const answer = await forward(upstream, agent, incoming, body).finally(() => {
      underWay -= 1;
    });
    if (now === 'drop') return;
    if (now === 'cut') return void incoming.socket.resetAndDestroy();
    if (now === 'slow') await pause(SLOW_MS);
    outgoing.writeHead(answer.status, answer.headers);
    outgoing.end(answer.body);
  }

  return {
    url: `http://127.0.0.1:${port}`,
    async inject(next) {
      if (next === fault) return;
      const before = fault;
      fault = next;
      if (next === 'refuse') {
        const closed = new Promise((resolve) => server.close(resolve));
        server.closeAllConnections();
        await closed;
      } else if (before === 'refuse') await listen(server, port);
    },
    met: () => met,
    underWay: () => underWay,
    async close() {
      if (fault !== 'refuse') {
        const closed = new Promise((resolve) => server.close(resolve));
        server.closeAllConnections();
        await closed;
      }
      agent.destroy();
    },
  };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const listen = (server: Server, port: number) =>
  new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });

async function read(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Passes a request on, and reads the whole answer. The page's going away does not stop it. */
function forward(upstream: string, agent: Agent, incoming: IncomingMessage, body: Buffer) {
  return new Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }>(
    (resolve, reject) => {
      const { host: _, connection: __, ...headers } = incoming.headers;
      const outgoing = request(
        new URL(incoming.url ?? '/', upstream),
        { method: incoming.method, headers, agent },
        (answer) => {
          const { connection: ___, 'keep-alive': ____, ...answerHeaders } = answer.headers;
          read(answer).then(
            (text) => resolve({ status: answer.statusCode ?? 502, headers: answerHeaders, body: text }),
            reject,
          );
        },
      );
      outgoing.on('error', reject).end(body);
    },
  );
}
