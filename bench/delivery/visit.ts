import type { Page } from 'playwright-core';
import { LAST, type Scenario } from '../../e2e/delivery/scenarios.ts';
import { createStage } from '../../e2e/delivery/stage.ts';
import { until } from '../../e2e/delivery/until.ts';
import { createSink } from './sink.ts';
import type { Tracker } from './trackers.ts';

/** What one visit with one tracker came to. */
export interface Outcome {
  sent: number;
  delivered: number;
  lost: number;
  doubled: number;
  /** Why the visit broke off, if it did: then all is lost. */
  error?: string;
}

/** How long a page may stay open to get over a fault by itself. */
const RECOVERY_MS = 20_000;
/** How long the return visit lasts at most: some take up what an earlier page left only after a while. */
const RETURN_MS = 60_000;
/** Who has sent nothing for this long has nothing left to send: ours waits 5 s, and the longest here. */
const QUIET_MS = 7_000;
/** A crash may take what was tracked in its last second: how soon each tracker stores is its own choice. */
const SAFE_AFTER_MS = 1_000;

/** Plays a scenario with a tracker, pays one return visit, and counts at the sink. */
export async function visit(
  tracker: Tracker,
  script: string,
  scenario: Scenario,
  windowMs: number,
): Promise<Outcome> {
  const sink = await createSink(tracker);
  const stage = await createStage({
    upstream: sink.url,
    windowMs,
    page: (endpoint) => ({
      head: `<script src="/tracker.js" data-endpoint="${endpoint}"></script>`,
      scripts: { '/tracker.js': script },
    }),
    safe: ({ recorded }) => [...recorded].filter(([, at]) => at < Date.now() - SAFE_AFTER_MS).map(([n]) => n),
  });
  try {
    const sent = await scenario.play(stage);
    const haveArrived = () => {
      const numbers = new Set(sink.arrivals.map(({ n }) => n));
      return sent.every((n) => numbers.has(n));
    };
    await stage.proxy.inject('none');
    if (scenario.staysOpen) {
      await trackOneMore(stage.lastPage());
      await until(haveArrived, RECOVERY_MS);
      await stage.lastPage().close();
    }
    const returnedAt = Date.now();
    await trackOneMore(await stage.open());
    const isQuiet = () => Date.now() - Math.max(sink.lastAt(), returnedAt) > QUIET_MS;
    await until(() => haveArrived() && isQuiet(), RETURN_MS);
    return count(sent, sink.arrivals);
  } catch (error) {
    return { sent: LAST, delivered: 0, lost: LAST, doubled: 0, error: String(error) };
  } finally {
    await stage.close();
    await sink.close();
  }
}

/** The visitor goes on: some trackers try again what failed only when something else happens. */
const trackOneMore = (page: Page) => page.evaluate((n) => track(n), LAST + 1);

/** An arrival with an id counts once however often it comes; without an id, every one counts. */
function count(sent: readonly number[], arrivals: { n: number; id: string | undefined }[]): Outcome {
  const counted = new Map<number, Set<string>>();
  for (const [index, { n, id }] of arrivals.entries()) {
    if (n > LAST) continue;
    const ids = counted.get(n) ?? new Set();
    counted.set(n, ids.add(id ?? `arrival ${index}`));
  }
  const delivered = sent.filter((n) => counted.has(n)).length;
  const doubled = [...counted.values()].filter((ids) => ids.size > 1).length;
  return { sent: sent.length, delivered, lost: sent.length - delivered, doubled };
}
