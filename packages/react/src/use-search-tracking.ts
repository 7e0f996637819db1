import { createSearch, type Search, type SearchOptions } from '@turnout/sdk';
import { useState } from 'react';
import { useLasting } from './use-lasting.ts';
import { useLatest } from './use-latest.ts';
import { useTracker } from './use-tracker.ts';

/**
 * Measures a search box: see `createSearch` of the SDK. What waits is recorded when the component goes.
 *
 * @returns An object that stays the same. Call its methods in handlers and effects.
 * @example
 * const search = useSearchTracking({ scope: 'events' });
 * <input type="search" onChange={(event) => search.query(event.target.value)} />
 */
export function useSearchTracking(options: SearchOptions = {}): Omit<Search, 'stop'> {
  const tracker = useTracker();
  const latest = useLatest({ tracker, options });
  const [search] = useState(() => {
    let current: Search | undefined;
    // Not before it is used: effects of children come earlier than those of their parents.
    const get = () => {
      const { tracker, options } = latest.current;
      current ??= createSearch(tracker, { ...options, found: () => latest.current.options.found?.() });
      return current;
    };
    return {
      query: (text: string, filters?: unknown) => get().query(text, filters),
      results: (results: Parameters<Search['results']>[0]) => get().results(results),
      select: (...choice: Parameters<Search['select']>) => get().select(...choice),
      stop() {
        current?.stop();
        current = undefined;
      },
    };
  });
  useLasting(() => search.stop, [tracker, options.scope]);
  return search;
}
