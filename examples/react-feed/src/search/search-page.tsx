import { TrackList, useSearchTracking } from '@turnout/react';
import { useEffect, useMemo } from 'react';
import { entityOf, idOf, propsOf } from '../data/concerts.ts';
import { EventCard } from '../event/event-card.tsx';
import { viewNow } from '../navigation.ts';
import { find, idsOf } from './find.ts';
import type { Filters } from './search-bar.tsx';

/**
 * Results while somebody types. The search is recorded once its text stands, with what was found; the choice
 * of a result is a click that carries the search's id and the rank.
 */
export function SearchPage({ filters, onLeave }: { filters: Filters; onLeave: () => void }) {
  const { query, scope, genre } = filters;
  const found = useMemo(() => find({ query, scope, genre }), [query, scope, genre]);
  const { artists, concerts } = found;
  const search = useSearchTracking({ scope, fromView: viewNow() });
  useEffect(() => {
    search.query(query, genre ? { genre } : undefined);
    search.results({
      count: artists.length + concerts.length,
      artist_count: artists.length,
      event_count: concerts.length,
      ids: idsOf({ artists, concerts }),
    });
  }, [search, query, genre, artists, concerts]);

  return (
    <>
      <h1>{artists.length + concerts.length} found</h1>
      <p className="artists">
        {artists.map((name, position) => (
          <a
            key={name}
            className="interest"
            href={`#/artist/${idOf(name)}`}
            onClick={() => {
              search.select(`artist:${idOf(name)}`, { position, props: { name, from_view: 'search' } });
              onLeave();
            }}
          >
            {name}
          </a>
        ))}
      </p>
      <TrackList id="search-results" surface="search">
        <div className="feed">
          {concerts.map((concert, place) => {
            const position = artists.length + place;
            const choose = () => search.select(entityOf(concert), { position, props: propsOf(concert) });
            return <EventCard key={concert.id} concert={concert} place="search" onChoose={choose} />;
          })}
        </div>
      </TrackList>
      {artists.length + concerts.length === 0 && (
        <p className="where">Nothing plays under that name. Try a genre.</p>
      )}
    </>
  );
}
