import type { Concert } from '../data/concerts.ts';
import { useWaitlist } from './use-waitlist.ts';

/** A concert that is sold out has a line instead of tickets. */
export function Waitlist({ concert }: { concert: Concert }) {
  const { state, ahead, join, accept, decline, leave } = useWaitlist(concert);
  if (state === 'in') return <p className="where waitlist">A place is yours. See you there!</p>;
  if (state === 'waiting') {
    return (
      <>
        <p className="where waitlist">{ahead} ahead of you</p>
        <button type="button" className="interest" onClick={leave}>
          Leave the line
        </button>
      </>
    );
  }
  if (state === 'offered') {
    return (
      <>
        <button type="button" className="interest" onClick={decline}>
          Let it go
        </button>
        <button type="button" className="buy" onClick={accept}>
          Take the place
        </button>
      </>
    );
  }
  return (
    <button type="button" className="buy" onClick={join}>
      {state === 'late' ? 'Too late. Line up again' : 'Sold out. Join the line'}
    </button>
  );
}
