import { useTrack } from '@turnout/react';
import { type FormEvent, useState } from 'react';
import { type Concert, dayOf, entityOf, money, OWN_PROVIDER, propsOf } from './concerts.ts';
import { Modal } from './modal.tsx';

/** Buying tickets in the app. A purchase with an order id counts once, whoever else reports it. */
export function Checkout({ concert, onClose }: { concert: Concert; onClose: () => void }) {
  const track = useTrack();
  const [quantity, setQuantity] = useState(2);
  const [orderId, setOrderId] = useState<string>();
  const value = concert.priceMin * quantity;

  function buy(event: FormEvent) {
    event.preventDefault();
    const order = `EN-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 6)}`.toUpperCase();
    setOrderId(order);
    track('purchase', {
      entity: entityOf(concert),
      surface: 'checkout',
      value,
      currency: 'USD',
      quantity,
      orderId: order,
      props: { ...propsOf(concert), ticket_provider: OWN_PROVIDER },
    });
  }

  return (
    <Modal label="Checkout" onClose={onClose}>
      <form className="dialog-body" onSubmit={buy}>
        <p className="when">{dayOf(concert)}</p>
        <h2>{orderId ? 'You are going' : concert.artist}</h2>
        {orderId ? (
          <p>
            {quantity} × {concert.artist} at {concert.venue}. Order <b data-order>{orderId}</b>,{' '}
            {money(value)} paid.
          </p>
        ) : (
          <>
            <label>
              Tickets
              <input
                type="number"
                min={1}
                max={8}
                value={quantity}
                onChange={(event) => setQuantity(event.target.valueAsNumber || 1)}
              />
            </label>
            <p className="total">
              Total <b>{money(value)}</b>
            </p>
            <button type="submit" className="buy">
              Buy now
            </button>
            <p className="where">A demonstration: nothing is charged.</p>
          </>
        )}
      </form>
    </Modal>
  );
}
