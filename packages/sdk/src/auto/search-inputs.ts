/**
 * Search boxes by attribute: `<input type="search" data-track-search="events">`.
 *
 * Nothing else in the tracker reads what somebody types, and this only where the page asks for it.
 */
import type { Entity } from '../interaction.ts';
import { all, listen } from '../listen.ts';
import { createSearch, type Search, type SearchOptions } from '../search.ts';
import type { Tracker } from '../tracker.ts';
import { nearest } from './attributes.ts';

const RESULTS = 'data-track-search-results';

/**
 * Measures every search box that carries `data-track-search`, whose value says what is searched.
 *
 * An element with `data-track-search-results` and the same value holds the results. As many as it has
 * children were found, or as `data-track-search-count` says. Choosing one that carries
 * `data-track-entity` is a `click` with its rank; do not give it `data-track-click` as well.
 *
 * @returns A function that records what waits, and stops.
 * @example
 * const stop = searchInputs(tracker);
 */
export function searchInputs(
  tracker: Pick<Tracker, 'track'>,
  options?: Pick<SearchOptions, 'debounceMs' | 'redact' | 'fromView'>,
): () => void {
  const searches = new Map<string, Search>();
  const searchOf = (scope: string) => {
    const known = searches.get(scope);
    if (known) return known;
    const found = () => {
      const list = document.querySelector(`[${RESULTS}="${CSS.escape(scope)}"]`);
      const count = list?.getAttribute('data-track-search-count') ?? list?.childElementCount;
      return count === undefined ? count : { count: Number(count) };
    };
    const search = createSearch(tracker, { ...options, scope, found });
    searches.set(scope, search);
    return search;
  };

  return all([
    // What is composed is told by the letters that it is made of, until it is done.
    listen<InputEvent>('input compositionend', ({ target, isComposing }) => {
      if (isComposing) return;
      const scope = target instanceof HTMLInputElement && target.getAttribute('data-track-search');
      if (scope && target.type !== 'password') searchOf(scope).query(target.value);
    }),
    listen<MouseEvent>('click auxclick', ({ target, button, detail }) => {
      // The right button opens a menu; the second click of a double one chooses nothing new.
      if (button > 1 || detail > 1 || !(target instanceof Element)) return;
      const list = target.closest(`[${RESULTS}]`);
      const entity = nearest(target, 'entity') as Entity | undefined;
      if (!list || !entity) return;
      const position = [...list.children].findIndex((child) => child.contains(target));
      searchOf(list.getAttribute(RESULTS) ?? '').select(entity, { position });
    }),
    () => {
      for (const search of searches.values()) search.stop();
    },
  ]);
}
