import { useTrack } from '@turnout/react';
import { type Concert, dayOf, entityOf, money, propsOf } from '../data/concerts.ts';
import { useCart } from './cart.tsx';
import { OfferCard } from './offer-card.tsx';

/** What is in the cart, and the way to pay for it. */
export function CartStep({ concert, onCheckout }: { concert: Concert; onCheckout: () => void }) {
  const track = useTrack();
  const { lines, total, setQuantity, remove } = useCart();

  function start() {
    const quantity = lines.reduce((sum, line) => sum + line.quantity, 0);
    track('checkout_start', {
      entity: entityOf(concert),
      value: total,
      currency: 'USD',
      quantity,
      props: propsOf(concert),
    });
    onCheckout();
  }

  return (
    <div className="dialog-body">
      <p className="when">{dayOf(concert)}</p>
      <h2>Your cart</h2>
      {lines.map((line) => (
        <p key={line.entity} className="line">
          <span>{line.title}</span>
          <input
            type="number"
            aria-label={`How many: ${line.title}`}
            min={1}
            max={8}
            value={line.quantity}
            onChange={(event) => setQuantity(line, event.target.valueAsNumber || 1)}
          />
          <b>{money(line.price * line.quantity)}</b>
          <button type="button" className="link" onClick={() => remove(line)}>
            Take out
          </button>
        </p>
      ))}
      <OfferCard placement="checkout" concert={concert} />
      <p className="total">
        Total <b>{money(total)}</b>
      </p>
      <button type="button" className="buy" disabled={lines.length === 0} onClick={start}>
        Check out
      </button>
    </div>
  );
}
