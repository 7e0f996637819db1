/**
 * What one write key sends, counted in a Durable Object of its own: every worker that takes something for the key asks
 * here, wherever in the world it runs.
 */
import type { ObjectStorage } from './bindings.ts';

export interface ObjectLimits {
  /**
   * Counts one request.
   *
   * @returns Milliseconds to wait when there were too many this second. An object that was moved begins anew.
   */
  count(rate: number): number | undefined;
  /**
   * Adds to what was taken on a day, or takes back what is below 0. Durable when it resolves.
   *
   * @returns How much there was before.
   */
  spend(date: string, interactions: number): Promise<number>;
}

const QUOTA = 'quota/';

export function openObjectLimits(storage: ObjectStorage, now: () => number = Date.now): ObjectLimits {
  let second = 0;
  let requests = 0;
  return {
    count(rate) {
      const at = now();
      if (Math.floor(at / 1_000) !== second) [second, requests] = [Math.floor(at / 1_000), 0];
      requests += 1;
      return requests > rate ? 1_000 - (at % 1_000) : undefined;
    },
    spend: (date, interactions) =>
      storage.transaction(async (within) => {
        const before = await within.get<number>(`${QUOTA}${date}`);
        if (before === undefined) await forgetDaysBefore(within, date);
        await within.put({ [`${QUOTA}${date}`]: (before ?? 0) + interactions });
        return before ?? 0;
      }),
  };
}

async function forgetDaysBefore(within: ObjectStorage, date: string): Promise<void> {
  const days = [...(await within.list({ prefix: QUOTA })).keys()];
  const over = days.filter((day) => day < `${QUOTA}${date}`);
  if (over.length > 0) await within.delete(over);
}
