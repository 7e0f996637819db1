import type { Details, Props } from '@turnout/sdk';
import { sayOnce } from './say-once.ts';

/** What an interaction is about and where on the site, as components and hooks are told. */
export interface Given
  extends Pick<Details, 'entity' | 'list' | 'position' | 'surface' | 'viewId' | 'searchId'> {
  /** More facts as JSON, or a function that tells them when something is recorded. */
  props?: Props | (() => Props | undefined) | undefined;
}

/** Props as they are now. What throws tells nothing: the page comes first, then the interaction. */
export function propsOf({ props }: Pick<Given, 'props'>): Props | undefined {
  if (typeof props !== 'function') return props;
  try {
    return props();
  } catch (error) {
    if (process.env.NODE_ENV !== 'production') {
      sayOnce('error', `A "props" function threw, so its interaction is recorded without props: ${error}`);
    }
  }
}
