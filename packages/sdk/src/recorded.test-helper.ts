/**
 * A page for tests of behaviours: a real tracker, and what the collector got from it.
 */
import type { Interaction, InteractionType } from '@turnout/schema/wire';
import { vi } from 'vitest';
import { aCollector } from './fake-collector.ts';
import type { TrackerOptions } from './options.ts';

/** A tracker with a collector of its own. */
export function aVisit(options?: Partial<TrackerOptions>) {
  const collector = aCollector();
  const tracker = collector.tracker(options);
  return {
    collector,
    tracker,
    /** What was recorded and came, in this order. Time runs again. */
    async recorded(type?: InteractionType): Promise<Interaction[]> {
      vi.useRealTimers();
      await tracker.flush();
      // As a collector counts: once each.
      const byId = new Map(collector.interactions().map((it) => [it.id, it]));
      return [...byId.values()].filter((it) => !type || it.type === type);
    },
  };
}

/** From now on, time passes only by `vi.advanceTimersByTime`. */
export const holdTime = () =>
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });

/** Another tab comes to the front, or this one comes back. */
export function hide(isHidden = true): void {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(isHidden ? 'hidden' : 'visible');
  document.dispatchEvent(new Event('visibilitychange'));
}
