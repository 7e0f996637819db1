import { Track, useTrack } from '@turnout/react';
import { useState } from 'react';
import { Checkout } from './checkout.tsx';
import { type Concert, entityOf, money, OWN_PROVIDER, propsOf } from './concerts.ts';
import { useInterests } from './interests.tsx';

interface Props {
  concert: Concert;
  surface: string;
  onLeave?: () => void;
}

/** The way to tickets: a link to whoever sells them, or the checkout of the app itself. */
export function Tickets({ concert, surface, onLeave }: Props) {
  const [isBuying, setIsBuying] = useState(false);
  const { has } = useInterests();
  const track = useTrack();
  const price = `from ${money(concert.priceMin)}`;

  function buy() {
    track('checkout_start', { entity: entityOf(concert), surface, props: propsOf(concert) });
    setIsBuying(true);
  }

  if (concert.provider === OWN_PROVIDER) {
    return (
      <>
        <button type="button" className="buy" onClick={buy}>
          Buy {price}
        </button>
        {isBuying && <Checkout concert={concert} onClose={() => setIsBuying(false)} />}
      </>
    );
  }
  const url = `https://${concert.provider}.example.com/${concert.id}`;
  return (
    <Track
      entity={entityOf(concert)}
      surface={surface}
      click={{ type: 'ticket_click' }}
      props={{
        ...propsOf(concert),
        ticket_url: url,
        ticket_provider: concert.provider,
        user_interested: has(concert.id),
      }}
    >
      <a className="buy" href={url} target="_blank" rel="noopener" onClick={onLeave}>
        Tickets {price}
      </a>
    </Track>
  );
}
