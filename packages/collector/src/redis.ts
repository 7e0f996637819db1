import type { Redis } from 'ioredis';

/** A Redis that counts for several collectors, while it answers. */
export interface RedisConnection {
  client: Redis;
  /** Whether it is worth asking: it is connected, and has not failed in the last seconds. */
  isHere(): boolean;
  answered(): void;
  failed(reason: string): void;
  close(): Promise<void>;
}

/** Counting is worth this much of a request's time. */
const COMMAND_TIMEOUT_MS = 250;
/** A Redis that hangs delays one request in so many milliseconds, not each. */
const REST_MS = 5_000;

/** Connects in the background, again and again. It says once that Redis is away, and once that it is back. */
export async function connectRedis(
  url: string,
  log: { info(details: object, message: string): void; warn(details: object, message: string): void },
): Promise<RedisConnection> {
  const { Redis } = await import('ioredis'); // Only where it is asked for.
  const client = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: REST_MS,
    retryStrategy: (attempt) => Math.min(attempt * 200, REST_MS),
  });
  let isAway = false;
  let restsUntil = 0;
  function failed(reason: string): void {
    restsUntil = Date.now() + REST_MS;
    if (isAway) return;
    isAway = true;
    log.warn({ reason }, 'Redis is away: this collector counts its limits alone until it is back');
  }
  client.on('error', (error) => failed(error.message));
  client.on('close', () => failed('the connection was closed'));
  return {
    client,
    isHere: () => client.status === 'ready' && Date.now() >= restsUntil,
    answered() {
      if (isAway) log.info({}, 'Redis counts the limits again');
      isAway = false;
    },
    failed,
    async close() {
      client.removeAllListeners('close');
      client.disconnect();
    },
  };
}
