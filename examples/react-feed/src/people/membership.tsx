import { useTrack } from '@turnout/react';
import { useState } from 'react';

const PLAN = { tier: 'encore_plus', value: 48 };

/** A subscription. Nothing is charged here. */
export function Membership() {
  const track = useTrack();
  const [isMember, setIsMember] = useState(false);
  return (
    <section className="card note">
      <strong>Encore Plus</strong>
      <p>Tickets a day early, no fees. $48 a year.</p>
      <p className="note-actions">
        <button
          type="button"
          className="buy"
          disabled={isMember}
          onClick={() => {
            setIsMember(true);
            track('subscribe', {
              entity: `offer:${PLAN.tier}`,
              value: PLAN.value,
              currency: 'USD',
              quantity: 1,
              orderId: `SUB-${Date.now().toString(36)}`,
              props: { tier: PLAN.tier },
            });
          }}
        >
          {isMember ? 'You are in' : 'Become a member'}
        </button>
      </p>
    </section>
  );
}
