import { Track, TrackContext } from '@turnout/react';
import { useEffect, useState } from 'react';
import { OfferCard } from '../commerce/offer-card.tsx';
import { Tickets } from '../commerce/tickets.tsx';
import { type Concert, dayOf, entityOf, OWN_PROVIDER, propsOf } from '../data/concerts.ts';
import { MarkButton } from '../mark-button.tsx';
import { Modal } from '../modal.tsx';
import { PlaceLink } from '../places/place-link.tsx';
import { EventReviews } from './event-reviews.tsx';
import { Poster } from './poster.tsx';
import { ShareButton } from './share-button.tsx';
import { useTicketFunnel } from './use-ticket-funnel.ts';

/**
 * The details of a concert. Opening them is a `view`, and so is the time they stay open.
 *
 * `props` are read when something is recorded: the part that closes the view knows what happened inside.
 */
export function EventDialog({ concert, onClose }: { concert: Concert; onClose: () => void }) {
  const [hasSeenSetlist, setHasSeenSetlist] = useState(false);
  const [hasSeenReviews, setHasSeenReviews] = useState(false);
  const funnel = useTicketFunnel(concert);
  const entity = entityOf(concert);
  useEffect(() => funnel.step('view_details'), [funnel]);

  return (
    <TrackContext value={{ surface: 'event_modal' }}>
      <Track
        entity={entity}
        props={() => ({
          ...propsOf(concert),
          has_setlist: true,
          has_ticket_urls: concert.provider !== OWN_PROVIDER,
          viewed_setlist: hasSeenSetlist,
          viewed_reviews: hasSeenReviews,
        })}
        duration
      >
        <Modal label={concert.artist} onClose={onClose}>
          <Poster concert={concert} />
          <div className="dialog-body">
            <p className="when">
              {dayOf(concert)} · {concert.genre}
            </p>
            <h2>
              <PlaceLink concert={concert} kind="artist" />
            </h2>
            <p>
              {concert.title} at <PlaceLink concert={concert} kind="venue" />, {concert.miles} miles from you
            </p>
            <div className="card-actions">
              <MarkButton
                mark="interest"
                entity={entity}
                labels={['I’m interested', 'Interested']}
                props={propsOf(concert)}
                onMark={() => funnel.step('interest')}
              />
              <ShareButton entity={entity} label="Share" />
              <Tickets concert={concert} surface="event_modal" />
            </div>
            <details onToggle={(event) => event.currentTarget.open && setHasSeenSetlist(true)}>
              <summary>Likely setlist</summary>
              <ol>
                {concert.setlist.map((song) => (
                  <li key={song}>{song}</li>
                ))}
              </ol>
            </details>
            <details onToggle={(event) => event.currentTarget.open && setHasSeenReviews(true)}>
              <summary>Reviews</summary>
              <EventReviews concert={concert} />
            </details>
            {concert.provider === OWN_PROVIDER && <OfferCard placement="in_event" concert={concert} />}
          </div>
        </Modal>
      </Track>
    </TrackContext>
  );
}
