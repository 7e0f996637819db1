import { TrackList, useViewDuration } from '@turnout/react';
import { CONCERTS, entityOf } from '../data/concerts.ts';
import { ME } from '../data/friends.ts';
import { EventCard } from '../event/event-card.tsx';
import { useMarks } from '../marks.tsx';
import { Friends } from './friends.tsx';
import { Membership } from './membership.tsx';
import { SignIn } from './sign-in.tsx';

/** A profile: who somebody is, what they keep, whom they know. */
export function YouPage() {
  const { has } = useMarks();
  useViewDuration({ entity: `user:${ME.id}`, surface: 'profile' });
  const saved = CONCERTS.filter((concert) => has('save', entityOf(concert)));
  return (
    <TrackList id="saved" surface="profile">
      <h1>You</h1>
      <div className="extras">
        <SignIn />
        <Membership />
      </div>
      <h2 className="part">Fans like you</h2>
      <Friends />
      <h2 className="part">Saved</h2>
      {saved.length === 0 ? (
        <p className="where">What you save waits here.</p>
      ) : (
        <div className="feed">
          {saved.map((concert) => (
            <EventCard key={concert.id} concert={concert} place="profile" />
          ))}
        </div>
      )}
    </TrackList>
  );
}
