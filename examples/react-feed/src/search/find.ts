import { CONCERTS, type Concert, idOf, search } from '../data/concerts.ts';
import type { Filters } from './search-bar.tsx';

export interface Found {
  concerts: readonly Concert[];
  /** Names of artists. */
  artists: readonly string[];
}

export const isOfGenre = (genre: string) => (concert: Concert) => !genre || concert.genre === genre;

/** What a search finds. */
export function find({ query, scope, genre }: Filters): Found {
  const text = query.trim().toLowerCase();
  return {
    concerts: scope === 'artists' ? [] : search(text).filter(isOfGenre(genre)),
    artists:
      scope === 'events'
        ? []
        : CONCERTS.filter(isOfGenre(genre))
            .map(({ artist }) => artist)
            .filter((artist) => artist.toLowerCase().includes(text)),
  };
}

/** Ids of what was found, in the order shown. */
export const idsOf = ({ artists, concerts }: Found) => [
  ...artists.map((name) => `artist:${idOf(name)}`),
  ...concerts.map(({ id }) => `event:${id}`),
];
