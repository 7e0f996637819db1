import { createTracker } from '@turnout/sdk';
import { renderToString } from 'react-dom/server';
import { expect, test } from 'vitest';
import {
  Experiment,
  Track,
  TrackContext,
  TrackingProvider,
  TrackList,
  TrackPageviews,
  useConsent,
  useFunnel,
  useImpression,
  useScrollDepth,
  useSearchTracking,
  useTrack,
  useViewDuration,
} from './index.ts';

test('renders the children on a server, and nothing else', () => {
  function Share() {
    useTrack();
    return <button type="button">Share</button>;
  }
  const tracker = createTracker({ key: 'wk_demo' });

  const html = renderToString(
    <TrackingProvider tracker={tracker}>
      <Track entity="event:1" impression click duration>
        <article>Card</article>
        <Share />
      </Track>
    </TrackingProvider>,
  );

  expect(html).toBe('<article>Card</article><button type="button">Share</button>');
});

test('renders on a server without a provider', () => {
  expect(
    renderToString(
      <Track entity="event:1" impression>
        <p>Card</p>
      </Track>,
    ),
  ).toBe('<p>Card</p>');
});

test('renders lists, contexts and experiments on a server as the browser begins with them', () => {
  const tracker = createTracker({ key: 'wk_demo', consent: 'pending' });
  function Banner() {
    const { status } = useConsent();
    useViewDuration({ entity: 'page:1' });
    useScrollDepth({ list: 'feed' });
    useFunnel('ticket');
    useSearchTracking();
    const ref = useImpression({ entity: 'ad:1' });
    return <p ref={ref}>{String(status)}</p>;
  }

  const html = renderToString(
    <TrackingProvider tracker={tracker}>
      <TrackPageviews />
      <TrackList id="feed">
        <TrackContext value={{ surface: 'feed' }}>
          <Banner />
          <Experiment id="hero" variants={{ control: <b>All shows</b>, b: <b>Tonight</b> }} />
          <Experiment id="hero" initial="b" variants={{ control: <b>All shows</b>, b: <b>Tonight</b> }} />
        </TrackContext>
      </TrackList>
    </TrackingProvider>,
  );

  expect(html).toBe('<p>undefined</p><b>All shows</b><b>Tonight</b>');
});
