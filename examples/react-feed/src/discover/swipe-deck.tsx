import { useTrack } from '@turnout/react';
import { useRef, useState } from 'react';
import { CONCERTS, dayOf, entityOf, propsOf } from '../data/concerts.ts';
import { Poster } from '../event/poster.tsx';
import { useMarks } from '../marks.tsx';

const FAR_ENOUGH_PX = 60;

/** One concert at a time: to the left it goes, to the right it is saved for later. */
export function SwipeDeck() {
  const track = useTrack();
  const { has, toggle } = useMarks();
  const from = useRef(0);
  const [position, setPosition] = useState(0);
  const concert = CONCERTS[position];
  if (!concert) return <p className="where">That was everything for now.</p>;
  const entity = entityOf(concert);
  const props = propsOf(concert);

  function swipe(direction: 'left' | 'right') {
    track('swipe', { entity, position, props: { ...props, direction } });
    if (direction === 'right' && !has('save', entity)) {
      toggle('save', entity);
      track('save', { entity, position, props });
    }
    setPosition(position + 1);
  }
  function release(x: number) {
    if (Math.abs(x - from.current) > FAR_ENOUGH_PX) swipe(x < from.current ? 'left' : 'right');
  }

  return (
    <section className="deck" aria-label="Swipe">
      <article
        key={concert.id}
        className="card"
        onPointerDown={(event) => {
          from.current = event.clientX;
        }}
        onPointerUp={(event) => release(event.clientX)}
      >
        <Poster concert={concert} />
        <div className="deck-body">
          <p className="when">
            {dayOf(concert)} · {concert.genre}
          </p>
          <strong>{concert.artist}</strong>
          <p className="where">{concert.venue}</p>
        </div>
      </article>
      <p className="note-actions">
        <button type="button" className="interest" onClick={() => swipe('left')}>
          ✕ Not for me
        </button>
        <button type="button" className="buy" onClick={() => swipe('right')}>
          ♥ Keep
        </button>
      </p>
    </section>
  );
}
