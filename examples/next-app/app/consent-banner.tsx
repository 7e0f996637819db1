'use client';
import { useConsent } from '@turnout/react';

/** Asks once. Until then what is recorded waits in memory, and is sent or forgotten with the answer. */
export function ConsentBanner() {
  const { status, grant, deny } = useConsent();
  if (status !== 'pending') return null;
  return (
    <aside aria-label="Consent">
      <p>May we measure which concerts are looked at?</p>
      <button type="button" onClick={grant}>
        Yes
      </button>
      <button type="button" onClick={deny}>
        No
      </button>
    </aside>
  );
}
