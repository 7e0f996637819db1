/**
 * Only compiled: the entries for tests and for servers.
 */
import { Track } from '@turnout/react';
import { renderTracked } from '@turnout/react/test';
import { createServerTracker } from '@turnout/sdk/server';

const { tracker } = renderTracked(
  <Track entity="event:42" click>
    <button type="button">Tickets</button>
  </Track>,
);
tracker.expectNone('purchase', { entity: 'event:42' });

export const server = createServerTracker;
