import type { Details, Entity, Props } from './interaction.ts';

/** What an impression is; see {@link ElementTracking.impression}. */
export interface ImpressionOptions {
  ratio?: number | undefined;
  ms?: number | undefined;
  once?: 'view' | 'session' | false | undefined;
  onImpression?: (() => void) | undefined;
}

/** What is measured on an element, and what it is. */
export interface ElementTracking {
  /** What it is: `event:42`, `artist:a-7` … */
  entity?: Entity | undefined;
  /** The list it stands in. */
  list?: string | undefined;
  /** Its place in the list, from 0. */
  position?: number | undefined;
  /** Where on the site: `feed`, `search` … */
  surface?: string | undefined;
  /** Ties it to the view of the page or dialog around it. */
  viewId?: string | undefined;
  /** Ties the choice of a result to its search. */
  searchId?: string | undefined;
  /** More facts as JSON. */
  props?: Props | undefined;
  /**
   * Records an `impression`: at least `ratio` (0.5) of it in sight for `ms` (1000) without a break. Once
   * per page view, once per `session` of the tab, or each time it comes back into sight when `once` is false. `onImpression` hears
   * when it is recorded.
   */
  impression?: boolean | ImpressionOptions | undefined;
  /**
   * Records a `click`, or another `type` such as `ticket_click`, when it is the nearest tracked element.
   * `undo` takes a like, save, follow or interest back.
   */
  click?: boolean | { name?: string; type?: string; undo?: boolean } | undefined;
  /** Records a `view` with its visible time, once it was in sight for `min` (250) ms. */
  duration?: boolean | { min?: number } | undefined;
}

/** Options of what may also be just on or off: those have none, and each has its default. */
export const optionsOf = <Options extends object>(given: Options | boolean | undefined): Partial<Options> =>
  Object(given);

/** What it is and where it stands: two equal ones are the same thing shown once. */
export const keyOf = ({ entity, list, position, surface }: ElementTracking): string =>
  [entity, list, position, surface].join('|');

/** What an interaction with it says. */
export const detailsOf = ({ impression, click, duration, ...details }: ElementTracking): Details => details;
