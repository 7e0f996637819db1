import { TrackList, useViewDuration } from '@turnout/react';
import { CONCERTS, idOf } from '../data/concerts.ts';
import { EventCard } from '../event/event-card.tsx';
import { MarkButton } from '../mark-button.tsx';
import { ArtistExtras } from './artist-extras.tsx';

/** An artist's or a venue's page: its view, who follows it, and its concerts. */
export function PlacePage({ kind, id }: { kind: 'artist' | 'venue'; id: string }) {
  const concerts = CONCERTS.filter((it) => idOf(it[kind]) === id);
  const name = concerts[0]?.[kind] ?? 'Nobody we know';
  const entity = `${kind}:${id}` as const;
  const surface = `${kind}_page`;
  useViewDuration({ entity, surface, props: { name } });

  return (
    <TrackList id={surface} surface={surface}>
      <p className="place-bar">
        <a className="link" href="#/">
          ← All concerts
        </a>
        <MarkButton mark="follow" entity={entity} labels={['Follow', 'Following']} surface={surface} />
      </p>
      <h1>{name}</h1>
      <div className="feed place-feed">
        {concerts.map((concert) => (
          <EventCard key={concert.id} concert={concert} place={surface} />
        ))}
      </div>
      {kind === 'artist' && <ArtistExtras name={name} entity={entity} />}
    </TrackList>
  );
}
