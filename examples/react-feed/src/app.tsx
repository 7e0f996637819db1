import { Experiment, TrackContext, TrackList, useFunnel, useSearchTracking, useTrack } from '@turnout/react';
import { useState } from 'react';
import { CONCERTS, type Concert, entityOf, GENRES, search } from './concerts.ts';
import { EventDialog } from './event-dialog.tsx';
import { EventFeed } from './event-feed.tsx';
import icon from './icon.svg';
import { InterestsProvider } from './interests.tsx';
import { NavigationProvider, useNavigation } from './navigation.tsx';
import { News } from './news.tsx';
import { PlacePage } from './place-page.tsx';
import { ReviewCard } from './review-card.tsx';
import { REVIEWS } from './reviews.ts';

const TABS = ['events', 'reviews', 'news'] as const;
type Tab = (typeof TABS)[number];

export function App() {
  return (
    <InterestsProvider>
      <NavigationProvider>
        <Pages />
      </NavigationProvider>
    </InterestsProvider>
  );
}

function Pages() {
  const track = useTrack();
  const { place, open: openPlace } = useNavigation();
  const [tab, setTab] = useState<Tab>('events');
  const [query, setQuery] = useState('');
  const [genre, setGenre] = useState('');
  const [open, setOpen] = useState<Concert>();
  const searching = useSearchTracking({ scope: 'events', fromView: 'feed' });
  const funnel = useFunnel('ticket', { entity: open && entityOf(open), steps: ['details', 'ticket_click'] });

  const isSearch = query.trim() !== '';
  const find = (text: string, wanted: string) =>
    (text.trim() ? search(text.trim()) : CONCERTS).filter((it) => !wanted || it.genre === wanted);
  const concerts = find(query, genre);

  function look(text: string, wanted: string) {
    setQuery(text);
    setGenre(wanted);
    openPlace(undefined);
    searching.query(text, wanted ? { genre: wanted } : undefined);
    const found = find(text, wanted);
    searching.results({ count: found.length, ids: found.map(entityOf), event_count: found.length });
  }
  function change(next: Tab) {
    if (next === tab) return;
    track('custom', { name: 'tab_change', props: { from_tab: tab, to_tab: next } });
    setTab(next);
  }
  function choose(concert: Concert, position: number) {
    if (isSearch) searching.select(entityOf(concert), { position });
    setOpen(concert);
  }

  return (
    <>
      <header className="top">
        <a className="brand" href="./">
          <img src={icon} alt="" width="32" height="32" />
          Encore
        </a>
        <search>
          <input
            type="search"
            aria-label="Search concerts"
            placeholder="Artist, venue, genre"
            value={query}
            onChange={(event) => look(event.target.value, genre)}
          />
        </search>
        <select aria-label="Genre" value={genre} onChange={(event) => look(query, event.target.value)}>
          <option value="">All genres</option>
          {GENRES.map((it) => (
            <option key={it}>{it}</option>
          ))}
        </select>
      </header>
      <TrackContext value={{ props: { feed_tab: tab } }}>
        <main>
          {place ? (
            <PlacePage place={place} onOpen={setOpen} />
          ) : (
            <>
              {isSearch ? (
                <h1>{concerts.length} found</h1>
              ) : (
                <Experiment
                  id="headline"
                  variants={{
                    control: <h1>Coming up in Austin</h1>,
                    near: <h1>Tonight and soon, near you</h1>,
                  }}
                />
              )}
              <nav className="tabs" aria-label="Feed">
                {TABS.map((it) => (
                  <button key={it} type="button" aria-pressed={it === tab} onClick={() => change(it)}>
                    {it}
                  </button>
                ))}
              </nav>
              {tab === 'events' && (
                <EventFeed
                  // A search result is seen anew, even where its card already stood in the feed.
                  key={isSearch ? 'search' : 'feed'}
                  concerts={concerts}
                  surface={isSearch ? 'search' : 'feed'}
                  onOpen={choose}
                />
              )}
              {tab === 'reviews' && (
                <TrackList id="reviews" surface="reviews">
                  <div className="feed">
                    {REVIEWS.map((review) => (
                      <ReviewCard
                        key={review.id}
                        review={review}
                        title={CONCERTS.find(({ id }) => id === review.eventId)?.artist}
                      />
                    ))}
                  </div>
                </TrackList>
              )}
              {tab === 'news' && <News />}
            </>
          )}
        </main>
        {open && <EventDialog concert={open} funnel={funnel} onClose={() => setOpen(undefined)} />}
      </TrackContext>
    </>
  );
}
