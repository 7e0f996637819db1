import { Track } from '@turnout/react';
import { useState } from 'react';
import { type Concert, money } from '../data/concerts.ts';
import { OFFERS, type Placement } from '../data/offers.ts';
import { useCart } from './cart.tsx';

interface Props {
  placement: Placement;
  /** The concert that it goes with. */
  concert: Concert;
}

/** Something more to buy: seen, looked at, opened, put into the cart. */
export function OfferCard({ placement, concert }: Props) {
  const cart = useCart();
  const [isOpen, setIsOpen] = useState(false);
  const { id, title, text, price, left } = OFFERS[placement];
  const entity = `offer:${id}` as const;
  const props = { placement, event_id: concert.id, price, inventory_left: left };
  const line = cart.lines.find((it) => it.entity === entity);

  return (
    <Track entity={entity} surface={placement} props={props} impression duration>
      <section className="offer" aria-label={title}>
        <Track entity={entity} surface={placement} props={props} click>
          <button type="button" className="link" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
            {title} · {money(price)}
          </button>
        </Track>
        <button
          type="button"
          className="interest"
          onClick={() => (line ? cart.remove(line) : cart.add({ entity, title, price, quantity: 1, props }))}
        >
          {line ? 'Remove' : 'Add'}
        </button>
        <p className="where">{isOpen ? text : `Only ${left} left`}</p>
      </section>
    </Track>
  );
}
