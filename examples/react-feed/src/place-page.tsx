import { TrackList, useTrack, useViewDuration } from '@turnout/react';
import { useState } from 'react';
import { CONCERTS, type Concert, idOf } from './concerts.ts';
import { EventCard } from './event-card.tsx';
import { type Place, useNavigation } from './navigation.tsx';

/** An artist's or a venue's page: its view, who follows it, and its concerts. */
export function PlacePage({ place, onOpen }: { place: Place; onOpen: (concert: Concert) => void }) {
  const { open } = useNavigation();
  const track = useTrack();
  const [isFollowed, setIsFollowed] = useState(false);
  const entity = `${place.kind}:${idOf(place.name)}` as const;
  const surface = `${place.kind}_page`;
  useViewDuration({ entity, surface, props: { name: place.name } });

  return (
    <TrackList id={surface} surface={surface}>
      <p className="place-bar">
        <button type="button" className="link" onClick={() => open(undefined)}>
          ← All concerts
        </button>
        <button
          type="button"
          className="interest"
          aria-pressed={isFollowed}
          onClick={() => {
            setIsFollowed(!isFollowed);
            track('follow', { entity, surface, undo: isFollowed || undefined });
          }}
        >
          {isFollowed ? 'Following' : 'Follow'}
        </button>
      </p>
      <h1>{place.name}</h1>
      <div className="feed">
        {CONCERTS.filter((it) => it[place.kind] === place.name).map((concert) => (
          <EventCard key={concert.id} concert={concert} onOpen={() => onOpen(concert)} />
        ))}
      </div>
    </TrackList>
  );
}
