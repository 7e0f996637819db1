import { Track } from '@turnout/react';
import { useState } from 'react';
import { type Review, reviewProps, stars } from '../data/reviews.ts';
import { noteItemSeen } from '../feed/items-seen.ts';
import { CommentForm } from './comment-form.tsx';
import { ShareButton } from './share-button.tsx';

/** A review: its impression and click, the like that can be taken back, comments. */
export function ReviewCard({ review, title }: { review: Review; title?: string | undefined }) {
  const [isLiked, setIsLiked] = useState(false);
  const [isCommenting, setIsCommenting] = useState(false);
  const entity = `review:${review.id}` as const;
  const { photos = 0 } = review;
  return (
    <Track
      entity={entity}
      props={() => reviewProps(review)}
      impression={{ onImpression: () => noteItemSeen(review.id) }}
      click
    >
      <article className="card note" data-review={review.id}>
        <p className="when">
          <span role="img" aria-label={`${review.rating} of 5`}>
            {stars(review.rating)}
          </span>
          {title && ` · ${title}`}
        </p>
        <p>{review.text}</p>
        <p className="where">
          {review.author}
          {photos > 0 && ` · ${photos} photos`}
        </p>
        <p className="note-actions">
          <Track
            entity={entity}
            click={{ type: 'like', undo: isLiked }}
            props={() => ({ review_rating: review.rating, had_photos: photos > 0 })}
          >
            <button
              type="button"
              className="link"
              aria-pressed={isLiked}
              onClick={() => setIsLiked(!isLiked)}
            >
              {isLiked ? '♥ Liked' : '♡ Like'}
            </button>
          </Track>
          <button type="button" className="link" onClick={() => setIsCommenting(!isCommenting)}>
            Comment
          </button>
          <ShareButton entity={entity} label="Send to a friend" className="link" />
        </p>
        {isCommenting && <CommentForm entity={entity} onDone={() => setIsCommenting(false)} />}
      </article>
    </Track>
  );
}
