import { Track } from '@turnout/react';
import { type Concert, dayOf, entityOf, propsOf } from './concerts.ts';
import { InterestButton } from './interest-button.tsx';
import { PlaceLink } from './place-link.tsx';
import { Poster } from './poster.tsx';
import { Tickets } from './tickets.tsx';

/**
 * A concert in a list: measured are the impression of the card, and the click that opens it.
 *
 * The list around gives list, surface and position. The click is on the button alone, because pressing
 * another one is no click on the card. Time is measured where the details are.
 */
export function EventCard({ concert, onOpen }: { concert: Concert; onOpen: () => void }) {
  return (
    <Track
      entity={entityOf(concert)}
      props={() => ({ ...propsOf(concert), feed_type: 'personalized' })}
      impression
    >
      <article className="card" data-event={concert.id}>
        <Track entity={entityOf(concert)} props={() => propsOf(concert)} click>
          <button type="button" className="card-open" onClick={onOpen}>
            <Poster concert={concert} />
            <span className="when">
              {dayOf(concert)} · {concert.genre}
            </span>
            <strong>{concert.artist}</strong>
            <span>{concert.title}</span>
          </button>
        </Track>
        <p className="where card-place">
          <PlaceLink concert={concert} kind="venue" /> · {concert.miles} mi
        </p>
        <div className="card-actions">
          <InterestButton concert={concert} surface="event_card" />
          <Tickets concert={concert} surface="event_card" />
        </div>
      </article>
    </Track>
  );
}
