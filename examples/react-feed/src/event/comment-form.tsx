import { useTrack } from '@turnout/react';
import type { Entity } from '@turnout/sdk';
import { type FormEvent, useState } from 'react';

/** A comment. Recorded is its length, never what it says. */
export function CommentForm({ entity, onDone }: { entity: Entity; onDone: () => void }) {
  const track = useTrack();
  const [text, setText] = useState('');
  function submit(event: FormEvent) {
    event.preventDefault();
    track('comment', { entity, props: { comment_length: text.length, privacy: 'public' } });
    onDone();
  }
  return (
    <form name="comment" className="inline-form" onSubmit={submit}>
      <input
        aria-label="Your comment"
        placeholder="Say something kind"
        required
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <button type="submit" className="buy">
        Post
      </button>
    </form>
  );
}
