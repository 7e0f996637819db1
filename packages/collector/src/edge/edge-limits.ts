import type { Limits } from '../admission.ts';
import { networkOf } from '../client-address.ts';
import type { Site, WriteKey } from '../sites.ts';
import type { AddressLimiter, WriterNamespace } from './bindings.ts';
import { edgeLog } from './edge-log.ts';
import { askObject } from './writer-client.ts';

/** The platform's limiter answers yes or no; its windows are 10 or 60 s long. */
const ADDRESS_WAIT_MS = 10_000;
const MAX_REMEMBERED = 1_000;
/** What was refused elsewhere is given back, and this worker is not told: a key that looks used up is asked about again. */
const ASK_AGAIN_MS = 60_000;

/** Limits of keys, counted in one Durable Object each; of networks, by the platform where it was asked to. */
export function createEdgeLimits(
  namespace: WriterNamespace,
  addresses: AddressLimiter | undefined,
  now: () => number = Date.now,
): Limits {
  /** What was said last, and when: a key that is used up is refused without asking for a while. */
  const used = new Map<string, { interactions: number; at: number }>();

  const ask = <Answer>(site: Site, key: WriteKey, path: string): Promise<Answer | undefined> =>
    askObject<Answer>(namespace, `limits/${site.id}/${key.key}`, path).catch(letIn);

  return {
    async countAddress(address) {
      if (!addresses || address === '') return undefined;
      const answer = await addresses.limit({ key: networkOf(address) }).catch(letIn);
      return answer?.success === false ? ADDRESS_WAIT_MS : undefined;
    },
    async countKey(site, key) {
      if (key.rate === undefined) return undefined;
      const answer = await ask<{ wait?: number }>(site, key, `/count?rate=${key.rate}`);
      return answer?.wait;
    },
    async usedOn(date, site, key) {
      const said = used.get(nameOf(date, site, key));
      return said && now() - said.at < ASK_AGAIN_MS ? said.interactions : 0;
    },
    async spendOn(date, site, key, interactions) {
      const path = `/spend?date=${date}&interactions=${interactions}`;
      const before = (await ask<{ before: number }>(site, key, path))?.before ?? 0;
      if (used.size >= MAX_REMEMBERED) used.clear();
      used.set(nameOf(date, site, key), { interactions: before + interactions, at: now() });
      return before;
    },
  };
}

function letIn(error: unknown): undefined {
  edgeLog.warn({ error: String(error) }, 'a limit cannot be counted now: the request is let in');
}

const nameOf = (date: string, site: Site, key: WriteKey) => `${date}/${site.id}/${key.key}`;
