import { TrackList, useScrollDepth, useTrack } from '@turnout/react';
import { Fragment, useState } from 'react';
import { CONCERTS, idOf } from '../data/concerts.ts';
import { EventCard } from '../event/event-card.tsx';
import { useMarks } from '../marks.tsx';
import { isOfGenre } from '../search/find.ts';
import { AdCard } from '../sponsored/ad-card.tsx';
import { useEndOfPage } from './use-end-of-page.ts';

const PAGE = 8;
const AD_AFTER = 1;

/** Concerts that go on while somebody scrolls. Position, list and surface come from <TrackList>. */
export function EventFeed({ genre }: { genre: string }) {
  const track = useTrack();
  const { has } = useMarks();
  const [feedType, setFeedType] = useState<'personalized' | 'following'>('personalized');
  const [shown, setShown] = useState(PAGE);
  const list = feedType === 'personalized' ? 'home-feed' : 'following-feed';
  const concerts = CONCERTS.filter(isOfGenre(genre)).filter(
    ({ artist, venue }) =>
      feedType === 'personalized' ||
      has('follow', `artist:${idOf(artist)}`) ||
      has('follow', `venue:${idOf(venue)}`),
  );
  useScrollDepth({ list, surface: 'feed', tab: () => 'events', marks: [25, 50, 75, 100] });
  const end = useEndOfPage(() => {
    if (shown >= concerts.length) return;
    track('click', {
      name: 'load_more',
      list,
      surface: 'feed',
      props: { active_tab: 'events', current_items: shown, offset: shown },
    });
    setShown(shown + PAGE);
  });

  return (
    <TrackList id={list} surface="feed">
      <div className="switch">
        <button
          type="button"
          aria-pressed={feedType === 'personalized'}
          onClick={() => setFeedType('personalized')}
        >
          For you
        </button>
        <button
          type="button"
          aria-pressed={feedType === 'following'}
          onClick={() => setFeedType('following')}
        >
          Following
        </button>
      </div>
      {/* In another list everything is seen anew. */}
      <div className="feed" key={list}>
        {concerts.slice(0, shown).map((concert, position) => (
          <Fragment key={concert.id}>
            <EventCard concert={concert} place="feed_event_card" feedType={feedType} />
            {position === AD_AFTER && <AdCard />}
          </Fragment>
        ))}
      </div>
      <p ref={end} className="where end">
        {concerts.length === 0 && 'Follow artists and venues to see their concerts here.'}
      </p>
    </TrackList>
  );
}
