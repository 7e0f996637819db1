import { TrackPageviews } from '@turnout/react/next';
import type { ReactNode } from 'react';
import { ConsentBanner } from './consent-banner.tsx';
import { Tracking } from './tracking.tsx';

export const metadata = { title: 'Tonight in town' };

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        <Tracking>
          <TrackPageviews />
          {children}
          <ConsentBanner />
        </Tracking>
      </body>
    </html>
  );
}
