import { useTrack } from '@turnout/react';
import type { FormEvent } from 'react';
import { type Concert, money, OWN_PROVIDER } from '../data/concerts.ts';
import { useTicketFunnel } from '../event/use-ticket-funnel.ts';
import { detailsOf, useCart } from './cart.tsx';

/**
 * A payment: each line of the order is a purchase. With an order id a line counts once, whoever else reports it,
 * such as the server that took the money.
 */
export function PayStep({ concert, onPaid }: { concert: Concert; onPaid: (orderId: string) => void }) {
  const track = useTrack();
  const { lines, total, clear } = useCart();
  const funnel = useTicketFunnel(concert);

  function pay(event: FormEvent) {
    event.preventDefault();
    const orderId = `EN-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 6)}`.toUpperCase();
    for (const line of lines) {
      const { props, ...details } = detailsOf(line);
      track('purchase', { ...details, orderId, props: { ...props, ticket_provider: OWN_PROVIDER } });
    }
    funnel.complete({ value: total, currency: 'USD' });
    clear();
    onPaid(orderId);
  }

  return (
    <form name="payment" className="dialog-body" onSubmit={pay}>
      <h2>{money(total)}</h2>
      <label>
        Name on the tickets
        <input name="holder" required autoComplete="off" />
      </label>
      <button type="submit" className="buy">
        Pay {money(total)}
      </button>
      <p className="where">A demonstration: nothing is charged, and no name is sent anywhere.</p>
    </form>
  );
}
