import { useTrack } from '@turnout/react';
import type { Concert } from '../data/concerts.ts';
import { detailsOf, useCart } from './cart.tsx';
import { OfferCard } from './offer-card.tsx';

interface Props {
  concert: Concert;
  orderId: string;
  onClose: () => void;
}

/** Thanks, and one more thing: what is added here joins the order. */
export function DoneStep({ concert, orderId, onClose }: Props) {
  const track = useTrack();
  const { lines, clear } = useCart();
  function close() {
    for (const line of lines) track('purchase', { ...detailsOf(line), orderId });
    clear();
    onClose();
  }
  return (
    <div className="dialog-body">
      <h2>You are going</h2>
      <p>
        {concert.artist} at {concert.venue}. Order <b data-order>{orderId}</b>.
      </p>
      <OfferCard placement="post_purchase" concert={concert} />
      <button type="button" className="buy" onClick={close}>
        Done
      </button>
    </div>
  );
}
