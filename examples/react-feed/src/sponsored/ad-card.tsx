import { Track } from '@turnout/react';
import { type CSSProperties, useEffect, useRef, useState } from 'react';
import { nextAd, noteAdSeen, timesSeen } from './ads.ts';

const ROTATE_EVERY_MS = 30_000;

/**
 * A sponsored card: served when it renders, an impression when it is viewable, visible time, and a click before it
 * leads away. Another ad takes its turn every 30 s; the place closes when all were seen often enough.
 */
export function AdCard() {
  const link = useRef<HTMLAnchorElement>(null);
  const [ad, setAd] = useState(() => nextAd());
  useEffect(() => {
    const timer = setInterval(() => setAd(nextAd), ROTATE_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  if (!ad) return null;

  return (
    <Track
      key={ad.id}
      entity={`ad:${ad.id}`}
      surface="feed-inline"
      props={() => ({
        placement: 'feed_inline',
        times_seen_in_session: timesSeen(ad),
        viewport_percentage: shareOfViewport(link.current),
      })}
      impression={{ onImpression: () => noteAdSeen(ad) }}
      duration
      click
    >
      <a
        ref={link}
        className="card ad"
        href={`https://ads.example.com/${ad.id}`}
        target="_blank"
        rel="noopener sponsored"
      >
        <span className="ad-art" style={{ '--hue': ad.hue } as CSSProperties} aria-hidden="true" />
        <span className="when">Sponsored</span>
        <strong>{ad.name}</strong>
        <span>{ad.text}</span>
        <span className="ad-more">Have a look →</span>
      </a>
    </Track>
  );
}

/** How much of the window an element takes, in percent. */
function shareOfViewport(element: Element | null): number {
  const { top = 0, bottom = 0, width = 0 } = element?.getBoundingClientRect() ?? {};
  const height = Math.max(0, Math.min(bottom, innerHeight) - Math.max(top, 0));
  return Math.round(((height * width) / (innerHeight * innerWidth)) * 100);
}
