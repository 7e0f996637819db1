import type { Details, Props } from '@turnout/sdk';
import { useInsertionEffect, useMemo } from 'react';
import { sayOnce } from './say-once.ts';

/** What an interaction is about and where on the site, as components and hooks are told. */
export interface Given
  extends Pick<Details, 'entity' | 'list' | 'position' | 'surface' | 'viewId' | 'searchId'> {
  /** More facts as JSON, or a function that tells them when something is recorded. */
  props?: Props | (() => Props | undefined) | undefined;
}

/** What was given, as it is when something is recorded. */
export type Read<Options extends object> = () => Omit<Options, 'props'> & { props?: Props | undefined };

/**
 * Keeps what the latest committed render was given. The returned function stays the same, and tells that. With another
 * `key` there is another function: what was told of one thing is not told of the next.
 *
 * A `props` function that throws tells nothing: the page comes first, then the interaction.
 */
export function useLatest<Options extends object>(options: Options, key?: unknown): Read<Options> {
  type Latest = { current: Options & Pick<Given, 'props'> };
  // biome-ignore lint/correctness/useExhaustiveDependencies: what it begins with is what its first render was given.
  const latest = useMemo<Latest>(() => ({ current: options }), [key]);
  // Before all other effects of the same commit. Unlike a layout effect it says nothing on a server.
  useInsertionEffect(() => {
    latest.current = options;
  });
  return useMemo(
    () => () => {
      let { props } = latest.current;
      try {
        props = typeof props === 'function' ? props() : props;
      } catch (error) {
        props = undefined;
        if (process.env.NODE_ENV !== 'production') {
          sayOnce(
            'error',
            `A "props" function threw, so its interaction is recorded without props: ${error}`,
          );
        }
      }
      return { ...latest.current, props };
    },
    [latest],
  );
}
