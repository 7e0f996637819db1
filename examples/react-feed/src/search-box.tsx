import { useTrack } from '@turnout/react';
import { useEffect, useRef } from 'react';

const TYPING_PAUSE_MS = 600;

interface Props {
  query: string;
  resultCount: number;
  onChange: (query: string) => void;
}

/** The search box. A search is recorded once, with its results, when typing comes to rest. */
export function SearchBox({ query, resultCount, onChange }: Props) {
  const track = useTrack();
  const recorded = useRef('');

  useEffect(() => {
    const searched = query.trim();
    if (!searched) recorded.current = '';
    if (!searched || searched === recorded.current) return;
    const pause = setTimeout(() => {
      recorded.current = searched;
      track('search', {
        query: searched,
        surface: 'search',
        props: { search_type: 'events', result_count: resultCount, has_results: resultCount > 0 },
      });
    }, TYPING_PAUSE_MS);
    return () => clearTimeout(pause);
  }, [query, resultCount, track]);

  return (
    <search>
      <input
        type="search"
        aria-label="Search concerts"
        placeholder="Artist, venue, genre"
        value={query}
        onChange={(event) => onChange(event.target.value)}
      />
    </search>
  );
}
