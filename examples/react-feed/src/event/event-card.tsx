import { Track } from '@turnout/react';
import { Tickets } from '../commerce/tickets.tsx';
import { type Concert, dayOf, entityOf, propsOf } from '../data/concerts.ts';
import { noteItemSeen } from '../feed/items-seen.ts';
import { scrollDepthNow } from '../feed/scroll-depth-now.ts';
import { MarkButton } from '../mark-button.tsx';
import { PlaceLink } from '../places/place-link.tsx';
import { useEventDialog } from './event-dialog-provider.tsx';
import { Poster } from './poster.tsx';
import { useTicketFunnel } from './use-ticket-funnel.ts';

interface Props {
  concert: Concert;
  /** Where names of artists and venues stand. */
  place: string;
  feedType?: 'personalized' | 'following';
  /** Records the choice where the click belongs to a search. */
  onChoose?: () => void;
}

/**
 * A concert in a list: measured are the impression of the card, and the click that opens it.
 *
 * The list around gives list, surface and position. The click is on the button alone, because pressing
 * another one is no click on the card. Time is measured where the details are.
 */
export function EventCard({ concert, place, feedType = 'personalized', onChoose }: Props) {
  const openDialog = useEventDialog();
  const funnel = useTicketFunnel(concert);
  const entity = entityOf(concert);

  function seen() {
    noteItemSeen(concert.id);
    funnel.step('impression');
  }
  function open() {
    onChoose?.();
    funnel.step('click');
    openDialog(concert);
  }

  return (
    <Track
      entity={entity}
      props={() => ({ ...propsOf(concert), feed_type: feedType, scroll_depth: scrollDepthNow() })}
      impression={{ onImpression: seen }}
    >
      <article className="card" data-event={concert.id}>
        <Track entity={entity} props={() => propsOf(concert)} click disabled={Boolean(onChoose)}>
          <button type="button" className="card-open" onClick={open}>
            <Poster concert={concert} />
            <span className="when">
              {dayOf(concert)} · {concert.genre}
            </span>
            <strong>{concert.artist}</strong>
            <span>{concert.title}</span>
          </button>
        </Track>
        <p className="where card-place">
          <PlaceLink concert={concert} kind="venue" surface={place} /> · {concert.miles} mi
        </p>
        <div className="card-actions">
          <MarkButton
            mark="save"
            entity={entity}
            labels={['Save', 'Saved']}
            surface="event_card"
            props={propsOf(concert)}
          />
          <Tickets concert={concert} surface="event_card" />
        </div>
      </article>
    </Track>
  );
}
