import { useTrack } from '@turnout/react';
import { type Concert, entityOf } from './concerts.ts';

/** Shares a concert. A component of its own, so that its `useTrack` is inside of the dialog's `<TrackContext>`. */
export function ShareButton({ concert }: { concert: Concert }) {
  const track = useTrack();
  return (
    <button
      type="button"
      className="interest"
      onClick={() =>
        track('share', {
          entity: entityOf(concert),
          props: { platform: 'link', recipient_count: 1, has_message: false },
        })
      }
    >
      Share
    </button>
  );
}
