import { TrackList } from '@turnout/react';
import { CONCERTS } from '../data/concerts.ts';
import { REVIEWS } from '../data/reviews.ts';
import { ReviewCard } from '../event/review-card.tsx';

export function ReviewFeed() {
  return (
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
  );
}
