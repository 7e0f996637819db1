import { useTracker } from '@turnout/react';
import { formSubmits, mediaPlays } from '@turnout/sdk';
import { useEffect } from 'react';

/** What is measured all over the app without naming it anywhere: forms that are sent, and what is played. */
export function useAutomatic(): void {
  const tracker = useTracker();
  useEffect(() => {
    const stops = [formSubmits(tracker), mediaPlays(tracker)];
    return () => {
      for (const stop of stops) stop();
    };
  }, [tracker]);
}
