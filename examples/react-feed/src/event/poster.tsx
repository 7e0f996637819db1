import type { CSSProperties } from 'react';
import type { Concert } from '../data/concerts.ts';

/** A picture of its own for each concert, drawn from two hues and its id. */
export function Poster({ concert }: { concert: Concert }) {
  const [hue, glow] = concert.hues;
  const seed = [...concert.id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
  const bars = Array.from({ length: 15 }, (_, n) => 14 + ((seed * (n + 3) * 7) % 52));
  return (
    <span className="poster" style={{ '--hue': hue, '--glow': glow } as CSSProperties} aria-hidden="true">
      <svg viewBox="0 0 300 160" preserveAspectRatio="xMidYMax slice" role="presentation">
        <circle cx={60 + (seed % 180)} cy={58 + (seed % 34)} r={30 + (seed % 26)} />
        {bars.map((height, n) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the bars never change places.
          <rect key={n} x={n * 20 + 4} y={160 - height} width="12" height={height + 12} rx="6" />
        ))}
      </svg>
    </span>
  );
}
