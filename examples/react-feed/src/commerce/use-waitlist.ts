import { useTrack } from '@turnout/react';
import { useEffect, useState } from 'react';
import { type Concert, entityOf } from '../data/concerts.ts';

/** A line that moves so fast is one of an example. Elsewhere a server moves it, and says what it offers. */
const MOVES_EVERY_MS = 2_000;
const PEOPLE_AHEAD = 2;
const MINUTES_A_PLACE = 4;
const OFFER_LASTS_MS = 10_000;

type State = 'out' | 'waiting' | 'offered' | 'in' | 'late';

/** Waiting for a place at a concert: each thing that happens in the line is recorded with where somebody stood. */
export function useWaitlist(concert: Concert) {
  const track = useTrack();
  const [state, setState] = useState<State>('out');
  const [ahead, setAhead] = useState(PEOPLE_AHEAD);
  const entity = entityOf(concert);

  function say(what: 'join' | 'offer' | 'accept' | 'decline' | 'expire' | 'leave', place: number) {
    const wait = (PEOPLE_AHEAD - place) * MINUTES_A_PLACE;
    track(`waitlist_${what}`, {
      entity,
      props: { tier: 'general', queue_position: place, wait_minutes: wait },
    });
  }
  function pass() {
    if (state === 'offered') {
      say('expire', 0);
      setState('late');
      return;
    }
    setAhead(ahead - 1);
    if (ahead > 1) return;
    say('offer', 0);
    setState('offered');
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: time passes in a state and place, whoever renders meanwhile.
  useEffect(() => {
    if (state !== 'waiting' && state !== 'offered') return;
    const timer = setTimeout(pass, state === 'waiting' ? MOVES_EVERY_MS : OFFER_LASTS_MS);
    return () => clearTimeout(timer);
  }, [state, ahead]);

  const end = (what: 'accept' | 'decline' | 'leave', next: State) => () => {
    say(what, ahead);
    setState(next);
  };
  return {
    state,
    ahead,
    join() {
      say('join', PEOPLE_AHEAD);
      setAhead(PEOPLE_AHEAD);
      setState('waiting');
    },
    accept: end('accept', 'in'),
    decline: end('decline', 'out'),
    leave: end('leave', 'out'),
  };
}
