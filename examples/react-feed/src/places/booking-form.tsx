import { useTrack } from '@turnout/react';
import type { Entity } from '@turnout/sdk';
import { type FormEvent, useState } from 'react';

/** Asks an artist to play. Signing the house rules is recorded apart: they are signed once, for all requests. */
export function BookingForm({ entity }: { entity: Entity }) {
  const track = useTrack();
  const [isSent, setIsSent] = useState(false);
  const [hasSigned, setHasSigned] = useState(false);

  function sign() {
    setHasSigned(true);
    track('agreement_sign', { entity: 'agreement:booking-rules', props: { tier: 'standard' } });
  }
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const value = Number(new FormData(event.currentTarget).get('budget'));
    track('booking_request', { entity, value, currency: 'USD', quantity: 1, props: { tier: 'standard' } });
    setIsSent(true);
  }

  if (isSent) return <p className="where">Asked. They answer within a week.</p>;
  return (
    <form name="booking" className="review-form" onSubmit={submit}>
      <label>
        Budget in $
        <input name="budget" type="number" min={100} step={50} defaultValue={800} />
      </label>
      {hasSigned ? (
        <p className="where">House rules signed ✓</p>
      ) : (
        <button type="button" className="interest" onClick={sign}>
          Sign the house rules
        </button>
      )}
      <button type="submit" className="buy" disabled={!hasSigned}>
        Ask for a date
      </button>
    </form>
  );
}
