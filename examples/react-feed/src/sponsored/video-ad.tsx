import { useClick, useImpression } from '@turnout/react';
import { trackAttrs } from '@turnout/react/attrs';
import { useRef } from 'react';
import film from './lone-star.webm';

const AD = {
  entity: 'ad:lone-star-film',
  surface: 'news-inline',
  props: { placement: 'news_inline' },
} as const;

/**
 * A film that plays, without sound, once two seconds of it were in sight: that is when a video ad counts as viewable.
 * Its quarters are recorded by what measures all media.
 */
export function VideoAd() {
  const video = useRef<HTMLVideoElement>(null);
  const card = useImpression({
    ...AD,
    ms: 2_000,
    // A browser may refuse to play; the picture stays.
    onImpression: () => void video.current?.play().catch(() => {}),
  });
  const link = useClick(AD);
  return (
    <article className="card ad film" ref={card}>
      <video ref={video} src={film} muted playsInline preload="auto" {...trackAttrs(AD)} />
      <span className="when">Sponsored film</span>
      <strong>Lone Star Amps: one take</strong>
      <a
        ref={link}
        className="ad-more"
        href="https://ads.example.com/film"
        target="_blank"
        rel="noopener sponsored"
      >
        See how they are made →
      </a>
    </article>
  );
}
