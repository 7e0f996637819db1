import { TrackList } from '@turnout/react';
import { useState } from 'react';
import type { Concert } from '../data/concerts.ts';
import { REVIEWS } from '../data/reviews.ts';
import { ReviewCard } from './review-card.tsx';
import { ReviewForm } from './review-form.tsx';

/** What fans say about a concert, and the form to say something. Own reviews stay until the dialog closes. */
export function EventReviews({ concert }: { concert: Concert }) {
  const [reviews, setReviews] = useState(() => REVIEWS.filter(({ eventId }) => eventId === concert.id));
  return (
    <>
      <TrackList id="event-reviews">
        {reviews.map((review) => (
          <ReviewCard key={review.id} review={review} />
        ))}
      </TrackList>
      <ReviewForm concert={concert} onWrite={(review) => setReviews([...reviews, review])} />
    </>
  );
}
