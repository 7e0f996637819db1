import { useTracker } from '@turnout/react';
import { useState } from 'react';
import { ME } from '../data/friends.ts';

/** Signing in says who it is, from now on; signing out makes whoever comes next somebody else. */
export function SignIn() {
  const tracker = useTracker();
  const [isIn, setIsIn] = useState(() => tracker.ids().userId !== undefined);
  function toggle() {
    if (isIn) tracker.reset();
    else tracker.identify(ME.id, { city: ME.city });
    setIsIn(!isIn);
  }
  return (
    <section className="card note">
      <strong>{isIn ? `Hello, ${ME.name}` : 'You are not signed in'}</strong>
      <p>{isIn ? 'Your list goes with you on every device.' : 'Keep your list on every device.'}</p>
      <p className="note-actions">
        <button type="button" className="interest" onClick={toggle}>
          {isIn ? 'Sign out' : `Sign in as ${ME.name}`}
        </button>
      </p>
    </section>
  );
}
