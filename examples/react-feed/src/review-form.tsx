import { useTrack } from '@turnout/react';
import { type FormEvent, useRef, useState } from 'react';
import { type Concert, entityOf } from './concerts.ts';
import type { Review } from './reviews.ts';

/** Writing a review. Recorded is how long it is and took, never what it says. */
export function ReviewForm({ concert, onWrite }: { concert: Concert; onWrite: (review: Review) => void }) {
  const track = useTrack();
  const begunAt = useRef(0);
  const [rating, setRating] = useState(5);
  const [text, setText] = useState('');

  function submit(event: FormEvent) {
    event.preventDefault();
    track('review', {
      entity: entityOf(concert),
      props: {
        rating,
        review_length: text.length,
        has_photos: false,
        photo_count: 0,
        privacy: 'public',
        time_to_complete_seconds: Math.round((performance.now() - begunAt.current) / 1000),
      },
    });
    onWrite({
      id: `own-${concert.id}`,
      eventId: concert.id,
      author: 'You',
      rating,
      date: new Date().toISOString(),
      text,
    });
    setText('');
  }

  return (
    <form className="review-form" onSubmit={submit} onFocus={() => (begunAt.current ||= performance.now())}>
      <label>
        Rating
        <input
          type="number"
          min={1}
          max={5}
          value={rating}
          onChange={(event) => setRating(event.target.valueAsNumber || 5)}
        />
      </label>
      <textarea
        aria-label="Your review"
        placeholder="How was it?"
        required
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <button type="submit" className="buy">
        Post review
      </button>
    </form>
  );
}
