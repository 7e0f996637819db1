import { useTrack } from '@turnout/react';
import type { FormEvent } from 'react';
import { CONCERTS } from '../data/concerts.ts';
import type { Friend } from '../data/friends.ts';
import { Modal } from '../modal.tsx';

/** A message to a friend. Recorded is how long it is and which concert it is about, never what it says. */
export function MessageForm({ friend, onClose }: { friend: Friend; onClose: () => void }) {
  const track = useTrack();
  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const eventId = String(fields.get('concert'));
    track('message', {
      entity: `user:${friend.id}`,
      props: {
        message_length: String(fields.get('text')).length,
        has_event_share: eventId !== '',
        ...(eventId && { event_id: eventId }),
      },
    });
    onClose();
  }
  return (
    <Modal label={`Write to ${friend.name}`} onClose={onClose}>
      <form name="message" className="dialog-body" onSubmit={send}>
        <h2>Write to {friend.name}</h2>
        <textarea name="text" aria-label="Message" placeholder="Are you coming?" required />
        <label>
          About
          <select name="concert">
            <option value="">Nothing in particular</option>
            {CONCERTS.map(({ id, artist }) => (
              <option key={id} value={id}>
                {artist}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" className="buy">
          Send
        </button>
      </form>
    </Modal>
  );
}
