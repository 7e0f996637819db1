import type { Consent } from '@turnout/sdk';
import { useMemo, useSyncExternalStore } from 'react';
import { useTracker } from './use-tracker.ts';

/** What {@link useConsent} returns. */
export interface ConsentState {
  /** What the visitor decided; `undefined` on a server and while its page is hydrated. */
  status: Consent | undefined;
  grant(): void;
  deny(): void;
}

/**
 * What the visitor agreed to. Renders anew when that changes, here or in another tab, and for nothing else.
 *
 * @example
 * const { status, grant, deny } = useConsent();
 * if (status === 'pending') return <Banner onAccept={grant} onRefuse={deny} />;
 */
export function useConsent(): ConsentState {
  const tracker = useTracker();
  const { status, grant, deny } = tracker.consent;
  const subscribe = useMemo(() => (changed: () => void) => tracker.on('consent', changed), [tracker]);
  return { status: useSyncExternalStore(subscribe, status, () => undefined), grant, deny };
}
