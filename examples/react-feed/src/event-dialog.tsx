import { Track } from '@turnout/react';
import { useState } from 'react';
import { type Concert, dayOf, entityOf, OWN_PROVIDER, propsOf } from './concerts.ts';
import { InterestButton } from './interest-button.tsx';
import { Modal } from './modal.tsx';
import { Poster } from './poster.tsx';
import { Tickets } from './tickets.tsx';

/**
 * The details of a concert. Opening them is a `view`, and so is the time they stay open.
 *
 * `props` are read when something is recorded: the part that closes the view knows what happened inside.
 */
export function EventDialog({ concert, onClose }: { concert: Concert; onClose: () => void }) {
  const [hasSeenSetlist, setHasSeenSetlist] = useState(false);
  return (
    <Track
      entity={entityOf(concert)}
      surface="event_modal"
      props={{
        ...propsOf(concert),
        has_setlist: true,
        has_ticket_urls: concert.provider !== OWN_PROVIDER,
        viewed_setlist: hasSeenSetlist,
      }}
      duration
    >
      <Modal label={concert.artist} onClose={onClose}>
        <Poster concert={concert} />
        <div className="dialog-body">
          <p className="when">
            {dayOf(concert)} · {concert.genre}
          </p>
          <h2>{concert.artist}</h2>
          <p>
            {concert.title} at {concert.venue}, {concert.miles} miles from you
          </p>
          <details onToggle={(event) => event.currentTarget.open && setHasSeenSetlist(true)}>
            <summary>Likely setlist</summary>
            <ol>
              {concert.setlist.map((song) => (
                <li key={song}>{song}</li>
              ))}
            </ol>
          </details>
          <div className="card-actions">
            <InterestButton concert={concert} surface="event_modal" />
            <Tickets concert={concert} surface="event_modal" />
          </div>
        </div>
      </Modal>
    </Track>
  );
}
