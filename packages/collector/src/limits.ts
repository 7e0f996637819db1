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

const DAY_SECONDS = 86_400;

/** Where Redis does not answer, this process counts alone until it does. Nothing is ever refused because of that. */
export async function createLimits({
  addressRate,
  redisUrl,
  log,
}: LimitsOptions): Promise<Limits & { close(): Promise<void> }> {
  const redis = redisUrl === undefined ? undefined : await connectRedis(redisUrl, log);
  const addresses = addressRate > 0 ? limiterOf(redis, 'address', addressRate, 1) : undefined;
  // One for each rate that any key has: the rates of a file are few, and a changed one begins anew.
  const byRate = new Map<number, RateLimiterAbstract>();
  const limiterOfRate = (rate: number) => {
    const existing = byRate.get(rate);
    if (existing) return existing;
    const limiter = limiterOf(redis, 'key', rate, 1);
    byRate.set(rate, limiter);
    return limiter;
  };
  // A day is part of the name and lasts 25 hours at most.
  const quotas = limiterOf(redis, 'quota', Number.MAX_SAFE_INTEGER, 2 * DAY_SECONDS);

  return {
    async countAddress(address) {
      // A laptop, or a load generator beside the collector.
      if (!addresses || address === '' || isLoopback(address)) return undefined;
      return wait(addresses, networkOf(address));
    },
    countKey: async (site, key) =>
      key.rate === undefined ? undefined : wait(limiterOfRate(key.rate), nameOf(site, key)),
    usedOn: async (date, site, key) =>
      (await quotas.get(`${date}/${nameOf(site, key)}`))?.consumedPoints ?? 0,
    async spendOn(date, site, key, interactions) {
      if (interactions > 0) await quotas.penalty(`${date}/${nameOf(site, key)}`, interactions);
    },
    close: async () => redis?.close(),
  };
}

const nameOf = (site: Site, key: WriteKey) => `${site.id}/${key.key}`;

function limiterOf(
  redis: RedisConnection | undefined,
  name: string,
  points: number,
  duration: number,
): RateLimiterAbstract {
  const options = { keyPrefix: `turnout:${name}`, points, duration };
  const memory = new RateLimiterMemory(options);
  return redis
    ? new RateLimiterRedis({
        ...options,
        storeClient: redis.client,
        insuranceLimiter: memory,
        rejectIfRedisNotReady: true,
      })
    : memory;
}

async function wait(limiter: RateLimiterAbstract, name: string): Promise<number | undefined> {
  try {
    await limiter.consume(name);
    return undefined;
  } catch (refusal) {
    return refusal instanceof RateLimiterRes ? refusal.msBeforeNext : undefined;
  }
}
