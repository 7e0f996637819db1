import { createServer, type Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';

/** An app that answers on a port. */
export interface Listening {
  url: string;
  /** Takes no new connection, lets running requests end, then closes what is left. */
  close(): Promise<void>;
}

/** Another process has the port. */
class PortTaken extends Error {}

/** How long a request under way may take when the collector stops. */
const FINISH_MS = 5_000;

/** @throws PortTaken, before anything is opened that would have to be closed again. */
export async function requireFreePort(host: string, port: number): Promise<void> {
  if (port === 0) return;
  const server = createServer();
  await bind(server, host, port);
  await new Promise((done) => server.close(done));
}

/**
 * Who asks by HTTP/1.0 need not say a host, as the health checks of HAProxy do not. It is no name of this machine, whose
 * own requests may read more.
 */
export const NO_HOST = 'unnamed.invalid';

/**
 * Longer than balancers keep a connection that is idle: the 60 s of nginx and of AWS. A connection that is closed here just
 * when one of them sends a request on it is a 502 for the sender.
 */
const BEHIND_PROXIES_MS = 75_000;

export interface ListenOptions {
  host: string;
  port: number;
  /** Whoever connects is a proxy, of which there are few. Browsers are many, and would hold connections for no use. */
  isBehindProxies: boolean;
}

/** @throws PortTaken naming the flag that helps. */
export async function listen(app: Hono, { host, port, isBehindProxies }: ListenOptions): Promise<Listening> {
  const server = createAdaptorServer({ fetch: app.fetch, hostname: NO_HOST }) as Server;
  if (isBehindProxies) server.keepAliveTimeout = BEHIND_PROXIES_MS;
  await bind(server, host, port);
  const address = server.address();
  const actual = typeof address === 'object' && address ? address.port : port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`,
    close: () =>
      new Promise((done) => {
        // Who holds a connection open and goes on sending would be cut off in the middle of a request.
        server.prependListener('request', (_request, response) => {
          response.shouldKeepAlive = false;
        });
        const timer = setTimeout(() => server.closeAllConnections(), FINISH_MS);
        server.close(() => {
          clearTimeout(timer);
          done();
        });
        server.closeIdleConnections();
      }),
  };
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      fail(
        error.code === 'EADDRINUSE'
          ? new PortTaken(
              `Port ${port} on ${host} is in use. Choose another with --port, or --port 0 for any free one.`,
            )
          : error,
      );
    });
    server.listen(port, host, done);
  });
}
