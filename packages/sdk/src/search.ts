/**
 * Search: what somebody looked for, recorded once, with what was found.
 *
 * Typing is not searching: a text counts when it stands for a moment, and one that grows into the next
 * before its results came is never sent. What was found belongs to the search of its id, and so does the
 * choice.
 */
import type { Details, Entity, Props } from './interaction.ts';
import { later } from './later.ts';
import { whenLeaving } from './listen.ts';
import { clip } from './page.ts';
import { quietly } from './quietly.ts';
import { redact } from './redact.ts';
import type { Tracker } from './tracker.ts';
import { uuidv7 } from './uuid.ts';

/** What {@link createSearch} is told. */
export interface SearchOptions {
  /** What is searched: `events`, `artists`, `all` … */
  scope?: string;
  /** A text counts as a search when it stood for so long. */
  debounceMs?: number;
  /**
   * Takes e-mail addresses and phone and card numbers out of the query. A function does what you want
   * instead; `false` leaves it to the tracker, which knows complete addresses and phone numbers only.
   * @defaultValue `true`
   */
  redact?: boolean | ((query: string) => string);
  /** The view that somebody came from. */
  fromView?: string;
  /** Tells what was found when the search is recorded and {@link Search.results} was never called. */
  found?: () => SearchResults | undefined;
}

/** What a search found. More counts, such as `artist_count`, are recorded as they are. */
export interface SearchResults {
  /** How many. */
  count: number;
  /** Ids of the first ones, in their order. */
  ids?: readonly string[];
  /** How long it took; from {@link Search.query} to {@link Search.results} when left out. */
  ms?: number;
  /** What {@link Search.query} returned: results of an older query are then ignored. */
  searchId?: string;
  artist_count?: number;
  event_count?: number;
  [fact: string]: unknown;
}

/** One search box. */
export interface Search {
  /**
   * The text in the box changed. Call it at each keystroke, also with the same text again.
   *
   * @param filters - What narrows the search, such as `{ city: 'Austin' }`.
   * @returns The search's id; empty for an empty text.
   */
  query(text: string, filters?: unknown): string;
  /** The results of the current text came. */
  results(results: SearchResults): void;
  /** Somebody chose a result: a `click` with the search's id and the rank, from 0. */
  select(entity: Entity, details: Details & { position: number }): void;
  /** Records what waits, and stops. */
  stop(): void;
}

/** A search whose results never come is recorded without them. */
const RESULTS_WITHIN_MS = 5_000;
const MAX_IDS = 20;

/**
 * Measures a search box.
 *
 * @example
 * const search = createSearch(tracker, { scope: 'events' });
 * input.addEventListener('input', () => search.query(input.value));
 * search.results({ count: 12, ids: ['event:42'], ms: 85 });
 * search.select('event:42', { position: 0 });
 */
export function createSearch(tracker: Pick<Tracker, 'track'>, options: SearchOptions = {}): Search {
  const { scope, debounceMs = 600, redact: rule = true, fromView, found } = options;
  // Of the current search. A text that is empty is none.
  let id = '';
  let text = '';
  let key: string | undefined;
  let filters: unknown;
  let since = 0;
  let results: SearchResults | undefined;
  let isSettled = false;
  let isRecorded = true;
  let callOff = () => {};

  const record = () => {
    callOff();
    if (isRecorded) return;
    isRecorded = true;
    results ??= quietly(() => found?.());
    const { count, ids, ms, searchId: _, ...counts } = results ?? ({} as Partial<SearchResults>);
    tracker.track('search', {
      searchId: id,
      // What a rule that fails would have taken out is not known.
      query: quietly(
        () => (typeof rule === 'function' ? rule(text) : rule ? redact(text) : text),
        '[redacted]',
      ),
      props: {
        search_type: scope,
        query_length: text.length,
        result_count: count,
        result_ids: ids?.slice(0, MAX_IDS),
        load_time_ms: ms && Math.round(ms),
        has_results: count === undefined ? count : count > 0,
        filters_applied: filters,
        from_view: fromView,
        ...counts,
      } satisfies Props,
    });
  };
  const settle = () => {
    isSettled = true;
    if (results) record();
    else callOff = later(record, RESULTS_WITHIN_MS);
  };
  // From the first query on: making a search changes nothing in the page, and may be done while rendering.
  let stopLeaving: (() => void) | undefined;

  return {
    query: (typed, given) =>
      quietly(() => {
        const next = clip(typed.trim());
        const nextKey = JSON.stringify([next, given]);
        if (nextKey === key) return id;
        stopLeaving ??= whenLeaving(record);
        const isSuperseded = next && (next.startsWith(text) || text.startsWith(next));
        if (isSettled && !isSuperseded) record();
        callOff();
        id = next && uuidv7();
        text = next;
        key = nextKey;
        filters = given;
        since = performance.now();
        results = undefined;
        isSettled = false;
        isRecorded = !next;
        if (next) callOff = later(settle, debounceMs);
        return id;
      }, ''),
    results(found) {
      const { searchId = id } = found ?? {};
      if (searchId !== id) return;
      results = { ms: performance.now() - since, ...found };
      if (isSettled) record();
    },
    select(entity, details) {
      record();
      tracker.track('click', { surface: 'search', ...details, entity, searchId: id || undefined });
    },
    stop() {
      record();
      stopLeaving?.();
      stopLeaving = undefined;
    },
  };
}
