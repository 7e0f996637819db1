import { useConsent } from '@turnout/react';

/** Asks once. What happened before is sent with a yes, and forgotten with a no. */
export function ConsentBanner() {
  const { status, grant, deny } = useConsent();
  if (status !== 'pending') return null;
  return (
    <aside className="consent" aria-label="Consent">
      <p>
        <b>May we count what you look at?</b> It tells us which concerts to show, and bands how many came by.
        No names, no ads elsewhere.
      </p>
      <button type="button" className="interest" onClick={deny}>
        No, thanks
      </button>
      <button type="button" className="buy" onClick={grant}>
        Fine
      </button>
    </aside>
  );
}
