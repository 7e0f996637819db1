import { Track, useTrack } from '@turnout/react';
import { useState } from 'react';
import { CONCERTS, money } from '../data/concerts.ts';
import { useEventDialog } from '../event/event-dialog-provider.tsx';
import { type Pick, pickProps } from './picks.ts';

/** A recommendation: seen, opened or bought, or waved away. */
export function RecommendationCard({ pick, onDismiss }: { pick: Pick; onDismiss: () => void }) {
  const track = useTrack();
  const openDialog = useEventDialog();
  const [isBought, setIsBought] = useState(false);
  const entity = `recommendation:${pick.id}` as const;
  const concert = CONCERTS.find(({ id }) => id === pick.eventId);
  const { price } = pick;

  function buy(value: number) {
    setIsBought(true);
    track('purchase', {
      entity,
      value,
      currency: 'USD',
      quantity: 1,
      orderId: `RE-${pick.id}-${Date.now().toString(36)}`,
      props: pickProps(pick),
    });
  }

  return (
    <Track entity={entity} props={() => pickProps(pick)} impression>
      <article className="card note" data-pick={pick.id}>
        <strong>{pick.title}</strong>
        <p className="where">{pick.reason}</p>
        <p className="note-actions">
          {concert && (
            <Track entity={entity} props={() => pickProps(pick)} click>
              <button type="button" className="buy" onClick={() => openDialog(concert)}>
                Have a look
              </button>
            </Track>
          )}
          {price && (
            <button type="button" className="buy" disabled={isBought} onClick={() => buy(price)}>
              {isBought ? 'On its way' : `Buy ${money(price)}`}
            </button>
          )}
          <Track
            entity={entity}
            props={() => ({ ...pickProps(pick), reason: 'not_for_me' })}
            click={{ type: 'dismiss' }}
          >
            <button type="button" className="interest" onClick={onDismiss}>
              Not for me
            </button>
          </Track>
        </p>
      </article>
    </Track>
  );
}
