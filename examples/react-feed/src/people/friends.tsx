import { useState } from 'react';
import { FRIENDS, type Friend } from '../data/friends.ts';
import { MarkButton } from '../mark-button.tsx';
import { useMarks } from '../marks.tsx';
import { MessageForm } from './message-form.tsx';

/** People to know. Whoever is a friend can be written to. */
export function Friends() {
  return (
    <div className="people">
      {FRIENDS.map((friend) => (
        <FriendCard key={friend.id} friend={friend} />
      ))}
    </div>
  );
}

function FriendCard({ friend }: { friend: Friend }) {
  const { has } = useMarks();
  const [isWriting, setIsWriting] = useState(false);
  const entity = `user:${friend.id}` as const;
  const isFriend = has('friend_add', entity);
  return (
    <section className="card note person" aria-label={friend.name}>
      <span className="face" style={{ background: `hsl(${friend.hue} 60% 45%)` }} aria-hidden="true">
        {friend.name[0]}
      </span>
      <strong>{friend.name}</strong>
      <span className="where">{friend.taste}</span>
      {isFriend ? (
        <button type="button" className="interest" onClick={() => setIsWriting(true)}>
          Write
        </button>
      ) : (
        <MarkButton mark="friend_add" entity={entity} labels={['Add friend', 'Friend']} surface="profile" />
      )}
      {isWriting && <MessageForm friend={friend} onClose={() => setIsWriting(false)} />}
    </section>
  );
}
