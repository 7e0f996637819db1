import { useSyncExternalStore } from 'react';

/**
 * The address, `#/artist/paper-moons`: a page view of its own for each, which the tracker notices by itself.
 * Behind a hash, so that the built example can be served from any folder.
 */
export interface Address {
  page: string;
  id: string;
}

const read = (hash: string): Address => {
  const [, page = '', id = ''] = hash.split('/');
  return { page: page || 'feed', id };
};

const subscribe = (changed: () => void) => {
  addEventListener('hashchange', changed);
  return () => removeEventListener('hashchange', changed);
};

export const useAddress = (): Address => read(useSyncExternalStore(subscribe, () => location.hash));

/** Where somebody is, as `from_view` says it. */
export const viewNow = (): string => read(location.hash).page;
