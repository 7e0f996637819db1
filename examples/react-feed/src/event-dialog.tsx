import { Track, TrackContext, TrackList } from '@turnout/react';
import type { Funnel } from '@turnout/sdk';
import { useEffect, useState } from 'react';
import { type Concert, dayOf, entityOf, OWN_PROVIDER, propsOf } from './concerts.ts';
import { InterestButton } from './interest-button.tsx';
import { Modal } from './modal.tsx';
import { PlaceLink } from './place-link.tsx';
import { Poster } from './poster.tsx';
import { ReviewCard } from './review-card.tsx';
import { ReviewForm } from './review-form.tsx';
import { REVIEWS, type Review } from './reviews.ts';
import { ShareButton } from './share-button.tsx';
import { Tickets } from './tickets.tsx';

interface Props {
  concert: Concert;
  funnel: Funnel<'details' | 'ticket_click'>;
  onClose: () => void;
}

/**
 * The details of a concert. Opening them is a `view`, and so is the time they stay open.
 *
 * `props` are read when something is recorded: the part that closes the view knows what happened inside.
 */
export function EventDialog({ concert, funnel, onClose }: Props) {
  const [hasSeenSetlist, setHasSeenSetlist] = useState(false);
  const [hasSeenReviews, setHasSeenReviews] = useState(false);
  const [reviews, setReviews] = useState<readonly Review[]>(() =>
    REVIEWS.filter(({ eventId }) => eventId === concert.id),
  );
  useEffect(() => funnel.step('details'), [funnel]);

  return (
    <TrackContext value={{ surface: 'event_modal' }}>
      <Track
        entity={entityOf(concert)}
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
            <details onToggle={(event) => event.currentTarget.open && setHasSeenSetlist(true)}>
              <summary>Likely setlist</summary>
              <ol>
                {concert.setlist.map((song) => (
                  <li key={song}>{song}</li>
                ))}
              </ol>
            </details>
            <details onToggle={(event) => event.currentTarget.open && setHasSeenReviews(true)}>
              <summary>Reviews ({reviews.length})</summary>
              <TrackList id="event-reviews">
                {reviews.map((review) => (
                  <ReviewCard key={review.id} review={review} />
                ))}
              </TrackList>
              <ReviewForm concert={concert} onWrite={(review) => setReviews([...reviews, review])} />
            </details>
            <div className="card-actions">
              <InterestButton concert={concert} surface="event_modal" />
              <ShareButton concert={concert} />
              <Tickets concert={concert} surface="event_modal" onLeave={() => funnel.step('ticket_click')} />
            </div>
          </div>
        </Modal>
      </Track>
    </TrackContext>
  );
}
