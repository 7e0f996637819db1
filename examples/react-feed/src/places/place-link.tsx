import { Track } from '@turnout/react';
import { CITY, type Concert, idOf } from '../data/concerts.ts';
import { viewNow } from '../navigation.ts';

interface Props {
  concert: Concert;
  kind: 'artist' | 'venue';
  /** Where the name stands, if what is around does not say it. */
  surface?: string;
}

/** The name of an artist or venue: a click on it, and the way to its page. */
export function PlaceLink({ concert, kind, surface }: Props) {
  const name = concert[kind];
  const id = idOf(name);
  return (
    <Track
      entity={`${kind}:${id}`}
      surface={surface}
      props={() => ({ name, event_id: concert.id, from_view: viewNow(), ...CITY })}
      click
    >
      <a
        className="link"
        href={`#/${kind}/${id}`}
        onClick={(event) => event.currentTarget.closest('dialog')?.close()}
      >
        {name}
      </a>
    </Track>
  );
}
