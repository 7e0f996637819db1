import { Track, useTrack } from '@turnout/react';
import { useState } from 'react';
import { type Review, reviewProps, stars } from './reviews.ts';

/** A review: its impression and click, and the like that can be taken back. */
export function ReviewCard({ review, title }: { review: Review; title?: string }) {
  const track = useTrack();
  const [isLiked, setIsLiked] = useState(false);
  return (
    <Track entity={`review:${review.id}`} props={() => reviewProps(review)} impression click>
      <article className="card note" data-review={review.id}>
        <p className="when">
          <span role="img" aria-label={`${review.rating} of 5`}>
            {stars(review.rating)}
          </span>
          {title && ` · ${title}`}
        </p>
        <p>{review.text}</p>
        <p className="where">
          {review.author}{' '}
          <Track
            entity={`review:${review.id}`}
            click={{ type: 'like', undo: isLiked }}
            props={() => ({ review_rating: review.rating })}
          >
            <button
              type="button"
              className="link"
              aria-pressed={isLiked}
              onClick={() => setIsLiked(!isLiked)}
            >
              {isLiked ? '♥ Liked' : '♡ Like'}
            </button>
          </Track>{' '}
          <button
            type="button"
            className="link"
            onClick={() =>
              track('share', {
                entity: `review:${review.id}`,
                props: { platform: 'in_app', recipient_count: 1 },
              })
            }
          >
            Send to a friend
          </button>
        </p>
      </article>
    </Track>
  );
}
