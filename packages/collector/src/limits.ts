/** How much addresses and keys may send, counted in this process, or in Redis for all collectors together. */
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
} from 'rate-limiter-flexible';
import type { Limits } from './admission.ts';
import { isLoopback, networkOf } from './client-address.ts';
import { connectRedis, type RedisConnection } from './redis.ts';
import type { Site, WriteKey } from './sites.ts';

export interface LimitsOptions {
  /** Requests a second from one network; 0: any number. */
  addressRate: number;
  redisUrl: string | undefined;
  log: { info(details: object, message: string): void; warn(details: object, message: string): void };
}

/** Does something with a counter: the shared one while Redis answers, else that of this process. */
type Counter = <Result>(use: (limiter: RateLimiterAbstract) => Promise<Result>) => Promise<Result>;

const DAY_SECONDS = 86_400;

/** Where Redis does not answer, this process counts alone until it does. Nothing is refused because of that. */
export async function createLimits({
  addressRate,
  redisUrl,
  log,
}: LimitsOptions): Promise<Limits & { close(): Promise<void> }> {
  const redis = redisUrl === undefined ? undefined : await connectRedis(redisUrl, log);
  const addresses = addressRate > 0 ? counterOf(redis, 'address', addressRate, 1) : undefined;
  // One for each rate that any key has: the rates of a file are few, and a changed one begins anew.
  const byRate = new Map<number, Counter>();
  const counterOfRate = (rate: number) => {
    const counter = byRate.get(rate) ?? counterOf(redis, 'key', rate, 1);
    byRate.set(rate, counter);
    return counter;
  };
  // The day is part of the name, and lasts 25 hours at most.
  const quotas = counterOf(redis, 'quota', Number.MAX_SAFE_INTEGER, 2 * DAY_SECONDS);

  return {
    async countAddress(address) {
      // A laptop, or a load generator beside the collector.
      if (!addresses || address === '' || isLoopback(address)) return undefined;
      return countOne(addresses, networkOf(address));
    },
    countKey: async (site, key) =>
      key.rate === undefined ? undefined : countOne(counterOfRate(key.rate), nameOf(site, key)),
    usedOn: async (date, site, key) =>
      (await quotas((limiter) => limiter.get(`${date}/${nameOf(site, key)}`)))?.consumedPoints ?? 0,
    async spendOn(date, site, key, interactions) {
      const name = `${date}/${nameOf(site, key)}`;
      const { consumedPoints } = await quotas((limiter) =>
        interactions < 0 ? limiter.reward(name, -interactions) : limiter.penalty(name, interactions),
      );
      return consumedPoints - interactions;
    },
    close: async () => redis?.close(),
  };
}

const nameOf = (site: Site, key: WriteKey) => `${site.id}/${key.key}`;

function counterOf(
  redis: RedisConnection | undefined,
  name: string,
  points: number,
  duration: number,
): Counter {
  const options = { keyPrefix: `turnout:${name}`, points, duration };
  const alone = new RateLimiterMemory(options);
  const shared = redis && new RateLimiterRedis({ ...options, storeClient: redis.client });

  return async (use) => {
    if (!redis || !shared || !redis.isHere()) return use(alone);
    try {
      const result = await use(shared);
      redis.answered();
      return result;
    } catch (error) {
      if (error instanceof RateLimiterRes) throw error; // An answer: too many.
      redis.failed(String(error));
      return use(alone);
    }
  };
}

/** @returns Milliseconds to wait when there were too many. */
async function countOne(counter: Counter, name: string): Promise<number | undefined> {
  try {
    await counter((limiter) => limiter.consume(name));
    return undefined;
  } catch (tooMany) {
    if (tooMany instanceof RateLimiterRes) return tooMany.msBeforeNext;
    throw tooMany;
  }
}
