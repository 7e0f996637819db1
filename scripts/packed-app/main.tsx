/**
 * What a stranger writes on the first day. Copied away from here and compiled against the tarballs.
 */
import { Track, TrackingProvider, TrackList, useTrack } from '@turnout/react';
import { trackAttrs } from '@turnout/react/attrs';
import { TrackPageviews } from '@turnout/react/router';
import { createTracker } from '@turnout/sdk';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import type {} from './catalog.ts';

const tracker = createTracker({ key: 'wk_demo', endpoint: 'https://stats.example.com', pageViews: false });

function Setlist() {
  const track = useTrack();
  const open = () => track('setlist_open', { entity: 'event:42', props: { songs: 12 } });
  // @ts-expect-error: types that got lost on the way would allow anything.
  const misspelt = () => track('setlst_open');
  return (
    <button type="button" onClick={open} onDoubleClick={misspelt} {...trackAttrs({ entity: 'event:42' })}>
      Setlist
    </button>
  );
}

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <TrackingProvider tracker={tracker}>
      <BrowserRouter>
        <TrackPageviews />
        <TrackList id="home-feed">
          <Track type="setlist_open" entity="event:42" props={{ songs: 12 }} impression>
            <Setlist />
          </Track>
          {/* @ts-expect-error: a prop of another type. */}
          <Track type="setlist_open" entity="event:42" props={{ songs: 'many' }} />
        </TrackList>
      </BrowserRouter>
    </TrackingProvider>,
  );
}
