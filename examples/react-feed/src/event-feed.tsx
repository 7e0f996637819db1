import { TrackList, useScrollDepth, useTrack } from '@turnout/react';
import { Fragment, useState } from 'react';
import { AdCard } from './ad-card.tsx';
import type { Concert } from './concerts.ts';
import { EventCard } from './event-card.tsx';
import { useEndOfPage } from './use-end-of-page.ts';

const PAGE = 8;

interface Props {
  concerts: readonly Concert[];
  /** The feed, or the results of a search. */
  surface: 'feed' | 'search';
  onOpen: (concert: Concert, position: number) => void;
}

/** Concerts that go on while somebody scrolls. Position, list and surface come from <TrackList>. */
export function EventFeed({ concerts, surface, onOpen }: Props) {
  const list = surface === 'feed' ? 'home-feed' : 'search-results';
  const track = useTrack();
  const [shown, setShown] = useState(PAGE);
  useScrollDepth({ list, surface, tab: () => 'events', marks: [25, 50, 75, 100] });
  const end = useEndOfPage(() => {
    if (shown >= concerts.length) return;
    track('click', {
      name: 'load_more',
      list,
      surface,
      props: { active_tab: 'events', current_items: shown, offset: shown },
    });
    setShown(shown + PAGE);
  });

  return (
    <TrackList id={list} surface={surface}>
      <div className="feed">
        {concerts.slice(0, shown).map((concert, position) => (
          <Fragment key={concert.id}>
            <EventCard concert={concert} onOpen={() => onOpen(concert, position)} />
            {surface === 'feed' && position === 4 && <AdCard />}
          </Fragment>
        ))}
      </div>
      <p ref={end} className="where end">
        {concerts.length === 0 && 'Nothing plays under that name. Try a genre.'}
      </p>
    </TrackList>
  );
}
