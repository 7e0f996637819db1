import { Experiment, TrackContext, useTrack } from '@turnout/react';
import { useState } from 'react';
import { EventFeed } from './event-feed.tsx';
import { takeItemsSeen } from './items-seen.ts';
import { News } from './news.tsx';
import { ReviewFeed } from './review-feed.tsx';

const TABS = ['events', 'reviews', 'news'] as const;
type Tab = (typeof TABS)[number];

/** The feed in its tabs, under a headline of which everybody sees one of two. */
export function HomePage({ genre }: { genre: string }) {
  const track = useTrack();
  const [tab, setTab] = useState<Tab>('events');

  function change(next: Tab) {
    if (next === tab) return;
    track('custom', {
      name: 'tab_change',
      props: { from_tab: tab, to_tab: next, items_viewed: takeItemsSeen() },
    });
    setTab(next);
  }

  return (
    <TrackContext value={{ props: { feed_tab: tab } }}>
      <Experiment
        id="headline"
        variants={{ control: <h1>Coming up in Austin</h1>, near: <h1>Tonight and soon, near you</h1> }}
      />
      <nav className="tabs" aria-label="Feed">
        {TABS.map((it) => (
          <button key={it} type="button" aria-pressed={it === tab} onClick={() => change(it)}>
            {it}
          </button>
        ))}
      </nav>
      {tab === 'events' && <EventFeed genre={genre} />}
      {tab === 'reviews' && <ReviewFeed />}
      {tab === 'news' && <News />}
    </TrackContext>
  );
}
