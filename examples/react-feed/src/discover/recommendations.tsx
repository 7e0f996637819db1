import { useState } from 'react';
import { PICKS } from './picks.ts';
import { RecommendationCard } from './recommendation-card.tsx';

/** What an engine picked. What is waved away is gone. */
export function Recommendations() {
  const [picks, setPicks] = useState(PICKS);
  return (
    <div className="picks">
      {picks.map((pick) => (
        <RecommendationCard
          key={pick.id}
          pick={pick}
          onDismiss={() => setPicks((now) => now.filter((it) => it !== pick))}
        />
      ))}
      {picks.length === 0 && <p className="where">We will think of something better.</p>}
    </div>
  );
}
