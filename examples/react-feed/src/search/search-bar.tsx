import { GENRES } from '../data/concerts.ts';

/** What is looked for. */
export interface Filters {
  query: string;
  scope: 'all' | 'events' | 'artists';
  genre: string;
}

export const EVERYTHING: Filters = { query: '', scope: 'all', genre: '' };

export function SearchBar({ filters, onChange }: { filters: Filters; onChange: (filters: Filters) => void }) {
  const { query, scope, genre } = filters;
  return (
    <search>
      <input
        type="search"
        aria-label="Search concerts"
        placeholder="Artist, venue, genre"
        value={query}
        onChange={(event) => onChange({ ...filters, query: event.target.value })}
      />
      <select
        aria-label="Search in"
        value={scope}
        onChange={(event) => onChange({ ...filters, scope: event.target.value as Filters['scope'] })}
      >
        <option value="all">Everything</option>
        <option value="events">Concerts</option>
        <option value="artists">Artists</option>
      </select>
      <select
        aria-label="Genre"
        value={genre}
        onChange={(event) => onChange({ ...filters, genre: event.target.value })}
      >
        <option value="">All genres</option>
        {GENRES.map((it) => (
          <option key={it}>{it}</option>
        ))}
      </select>
    </search>
  );
}
