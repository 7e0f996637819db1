import { TrackList } from '@turnout/react';
import { Recommendations } from './recommendations.tsx';
import { SwipeDeck } from './swipe-deck.tsx';

export function DiscoverPage() {
  return (
    <>
      <h1>Discover</h1>
      <div className="discover">
        <TrackList id="deck" surface="discover">
          <SwipeDeck />
        </TrackList>
        <section>
          <h2 className="part">Picked for you</h2>
          <TrackList id="picks" surface="discover">
            <Recommendations />
          </TrackList>
        </section>
      </div>
    </>
  );
}
