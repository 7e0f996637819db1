import { useTrack } from '@turnout/react';
import { type Concert, entityOf, propsOf } from './concerts.ts';
import { useInterests } from './interests.tsx';

/** Marks a concert, and takes the mark back: `undo` makes that count −1. */
export function InterestButton({ concert, surface }: { concert: Concert; surface: string }) {
  const track = useTrack();
  const { has, toggle } = useInterests();
  const isOn = has(concert.id);
  return (
    <button
      type="button"
      className="interest"
      aria-pressed={isOn}
      onClick={() => {
        toggle(concert.id);
        track('interest', {
          entity: entityOf(concert),
          surface,
          undo: isOn || undefined,
          props: propsOf(concert),
        });
      }}
    >
      {isOn ? 'Interested' : 'I’m interested'}
    </button>
  );
}
