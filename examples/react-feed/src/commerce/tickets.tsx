import { Track } from '@turnout/react';
import { daysUntil } from '@turnout/sdk';
import { useState } from 'react';
import { type Concert, entityOf, money, OWN_PROVIDER, propsOf } from '../data/concerts.ts';
import { useTicketFunnel } from '../event/use-ticket-funnel.ts';
import { useMarks } from '../marks.tsx';
import { useCart } from './cart.tsx';
import { Checkout } from './checkout.tsx';
import { Waitlist } from './waitlist.tsx';

interface Props {
  concert: Concert;
  surface: 'event_card' | 'event_modal';
}

/** The way to tickets: a waiting list, the checkout of the app itself, or a link to whoever sells them. */
export function Tickets({ concert, surface }: Props) {
  if (concert.soldOut) return <Waitlist concert={concert} />;
  if (concert.provider === OWN_PROVIDER) return <BuyButton concert={concert} />;
  return <TicketLink concert={concert} surface={surface} />;
}

function BuyButton({ concert }: { concert: Concert }) {
  const cart = useCart();
  const [isOpen, setIsOpen] = useState(false);
  const { artist, priceMin } = concert;

  function buy() {
    const title = `Ticket: ${artist}`;
    cart.add({ entity: entityOf(concert), title, price: priceMin, quantity: 2, props: propsOf(concert) });
    setIsOpen(true);
  }
  return (
    <>
      <button type="button" className="buy" onClick={buy}>
        Buy from {money(priceMin)}
      </button>
      {isOpen && <Checkout concert={concert} onClose={() => setIsOpen(false)} />}
    </>
  );
}

function TicketLink({ concert, surface }: Props) {
  const { has } = useMarks();
  const funnel = useTicketFunnel(concert);
  const entity = entityOf(concert);
  const url = `https://${concert.provider}.example.com/${concert.id}`;
  return (
    <Track
      entity={entity}
      surface={surface}
      click={{ type: 'ticket_click' }}
      props={() => ({
        ...propsOf(concert),
        ticket_url: url,
        ticket_provider: concert.provider,
        days_until_event: daysUntil(concert.date),
        user_interested: has('interest', entity),
      })}
    >
      <a
        className="buy"
        href={url}
        target="_blank"
        rel="noopener"
        onClick={() => funnel.step('ticket_click')}
      >
        Tickets from {money(concert.priceMin)}
      </a>
    </Track>
  );
}
