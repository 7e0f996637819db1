import { Track } from '@turnout/react';
import { type Concert, idOf } from './concerts.ts';
import { useNavigation } from './navigation.tsx';

/** The name of an artist or venue: a click on it, and the way to its page. */
export function PlaceLink({ concert, kind }: { concert: Concert; kind: 'artist' | 'venue' }) {
  const { open } = useNavigation();
  const name = concert[kind];
  return (
    <Track
      entity={`${kind}:${idOf(name)}`}
      props={() => ({ name, event_id: concert.id, venue_city: 'Austin' })}
      click
    >
      <button
        type="button"
        className="link"
        onClick={(event) => {
          event.currentTarget.closest('dialog')?.close();
          open({ kind, name });
        }}
      >
        {name}
      </button>
    </Track>
  );
}
