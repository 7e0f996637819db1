import type { Redis } from 'ioredis';

/** A Redis that counts for several collectors. */
export interface RedisConnection {
  client: Redis;
  close(): Promise<void>;
}

/** Counting is worth this much of a request's time; a Redis that hangs must not hang the browsers. */
const COMMAND_TIMEOUT_MS = 250;
const RETRY_MS = 5_000;

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
    connectTimeout: RETRY_MS,
    retryStrategy: (attempt) => Math.min(attempt * 200, RETRY_MS),
  });
  let isAway = false;
  const away = (reason: string) => {
    if (isAway) return;
    isAway = true;
    log.warn({ reason }, 'Redis is away: this collector counts its limits alone until it is back');
  };
  client.on('error', (error) => away(error.message));
  client.on('close', () => away('the connection was closed'));
  client.on('ready', () => {
    if (isAway) log.info({}, 'Redis counts the limits again');
    isAway = false;
  });
  return {
    client,
    async close() {
      client.removeAllListeners('close');
      client.disconnect();
    },
  };
}
