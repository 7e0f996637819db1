import { Track } from '@turnout/react';
import { type Concert, dayOf, entityOf, propsOf } from './concerts.ts';
import { InterestButton } from './interest-button.tsx';
import { Poster } from './poster.tsx';
import { Tickets } from './tickets.tsx';

interface Props {
  concert: Concert;
  /** The feed, or the results of a search. */
  surface: 'feed' | 'search';
  position: number;
  onOpen: () => void;
}

/**
 * A concert in the feed: measured are its impression and the click that opens it.
 *
 * The buttons stand outside of <Track>, because pressing one is no click on the card. Time is measured
 * where the details are: a `view` of a concert means that somebody opened it.
 */
export function EventCard({ concert, surface, position, onOpen }: Props) {
  return (
    <article className="card" data-event={concert.id}>
      <Track
        entity={entityOf(concert)}
        list={surface === 'feed' ? 'home-feed' : 'search-results'}
        surface={surface}
        position={position}
        props={{ ...propsOf(concert), feed_type: 'personalized' }}
        impression
        click
      >
        <button type="button" className="card-open" onClick={onOpen}>
          <Poster concert={concert} />
          <span className="when">
            {dayOf(concert)} · {concert.genre}
          </span>
          <strong>{concert.artist}</strong>
          <span>{concert.title}</span>
          <span className="where">
            {concert.venue} · {concert.miles} mi
          </span>
        </button>
      </Track>
      <div className="card-actions">
        <InterestButton concert={concert} surface="event_card" />
        <Tickets concert={concert} surface="event_card" />
      </div>
    </article>
  );
}
