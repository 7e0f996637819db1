import { Track } from '@turnout/react';

/** A sponsored card: served when it renders, an impression when it is viewable, a click before it leads away. */
export function AdCard() {
  return (
    <Track
      entity="ad:lone-star-amps"
      surface="feed-inline"
      props={{ placement: 'feed_inline' }}
      impression
      click
    >
      <a
        className="card ad"
        href="https://ads.example.com/lone-star-amps"
        target="_blank"
        rel="noopener sponsored"
      >
        <span className="when">Sponsored</span>
        <strong>Lone Star Amps</strong>
        <span>Tubes, tolex and a ten-year warranty. Made on South Congress.</span>
      </a>
    </Track>
  );
}
