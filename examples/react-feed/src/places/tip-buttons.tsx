import { useTrack } from '@turnout/react';
import type { Entity } from '@turnout/sdk';
import { useState } from 'react';
import { money } from '../data/concerts.ts';

/** A tip. Nothing is charged here. */
export function TipButtons({ entity }: { entity: Entity }) {
  const track = useTrack();
  const [tipped, setTipped] = useState(0);
  if (tipped) return <p className="where">{money(tipped)} in the hat. Thank you!</p>;
  return (
    <p className="note-actions">
      {[3, 5, 10].map((value) => (
        <button
          key={value}
          type="button"
          className="interest"
          onClick={() => {
            setTipped(value);
            track('tip', { entity, value, currency: 'USD' });
          }}
        >
          {money(value)}
        </button>
      ))}
    </p>
  );
}
