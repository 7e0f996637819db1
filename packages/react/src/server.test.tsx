import { createTracker } from '@turnout/sdk';
import { renderToString } from 'react-dom/server';
import { expect, test } from 'vitest';
import { Track, TrackingProvider, useTrack } from './index.ts';

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
