import { useTrack } from '@turnout/react';
import { type FormEvent, useRef } from 'react';
import { type Concert, entityOf } from '../data/concerts.ts';
import type { Review } from '../data/reviews.ts';

const MOODS = ['loud', 'tender', 'sweaty', 'late'];

/** Writing a review. Recorded is how long it is and took, never what it says. */
export function ReviewForm({ concert, onWrite }: { concert: Concert; onWrite: (review: Review) => void }) {
  const track = useTrack();
  const begunAt = useRef(0);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    const text = String(fields.get('text'));
    const rating = Number(fields.get('rating'));
    const photos = fields.getAll('photos').filter((it) => it instanceof File && it.size > 0).length;
    track('review', {
      entity: entityOf(concert),
      props: {
        rating,
        review_length: text.length,
        has_photos: photos > 0,
        photo_count: photos,
        has_setlist: fields.has('setlist'),
        mood_tags: fields.getAll('mood').map(String),
        privacy: String(fields.get('privacy')),
        time_to_complete_seconds: Math.round((performance.now() - begunAt.current) / 1000),
      },
    });
    const id = `own-${concert.id}-${Date.now()}`;
    onWrite({ id, eventId: concert.id, author: 'You', rating, date: new Date().toISOString(), text, photos });
    form.reset();
    begunAt.current = 0;
  }

  return (
    <form
      name="review"
      className="review-form"
      onSubmit={submit}
      onFocus={() => (begunAt.current ||= performance.now())}
    >
      <label>
        Rating
        <input name="rating" type="number" min={1} max={5} defaultValue={5} />
      </label>
      <textarea name="text" aria-label="Your review" placeholder="How was it?" required />
      <fieldset className="chips">
        <legend>Mood</legend>
        {MOODS.map((mood) => (
          <label key={mood}>
            <input name="mood" type="checkbox" value={mood} />
            {mood}
          </label>
        ))}
      </fieldset>
      <label>
        Photos
        <input name="photos" type="file" accept="image/*" multiple />
      </label>
      <label>
        I remember the setlist
        <input name="setlist" type="checkbox" />
      </label>
      <label>
        Who sees it
        <select name="privacy">
          <option value="public">Everybody</option>
          <option value="friends">Friends</option>
        </select>
      </label>
      <button type="submit" className="buy">
        Post review
      </button>
    </form>
  );
}
