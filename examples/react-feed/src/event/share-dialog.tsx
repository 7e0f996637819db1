import { useTrack } from '@turnout/react';
import type { Entity } from '@turnout/sdk';
import type { FormEvent } from 'react';
import { FRIENDS } from '../data/friends.ts';
import { Modal } from '../modal.tsx';

/** A link for anywhere, or friends in the app with a note. The note itself is never recorded. */
export function ShareDialog({ entity, onClose }: { entity: Entity; onClose: () => void }) {
  const track = useTrack();

  function copy() {
    // Where the clipboard is refused, the link is still in the address bar.
    navigator.clipboard?.writeText(location.href).catch(() => {});
    track('share', { entity, props: { platform: 'link', recipient_count: 1, has_message: false } });
    onClose();
  }
  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const recipients = fields.getAll('friend').length;
    if (!recipients) return;
    track('share', {
      entity,
      props: { platform: 'in_app', recipient_count: recipients, has_message: fields.get('note') !== '' },
    });
    onClose();
  }

  return (
    <Modal label="Share" onClose={onClose}>
      <form name="share" className="dialog-body" onSubmit={send}>
        <h2>Share</h2>
        <fieldset className="chips">
          <legend>With friends</legend>
          {FRIENDS.map(({ id, name }) => (
            <label key={id}>
              <input name="friend" type="checkbox" value={id} />
              {name}
            </label>
          ))}
        </fieldset>
        <textarea name="note" aria-label="A note" placeholder="Add a note" />
        <div className="card-actions">
          <button type="button" className="interest" onClick={copy}>
            Copy link
          </button>
          <button type="submit" className="buy">
            Send
          </button>
        </div>
      </form>
    </Modal>
  );
}
