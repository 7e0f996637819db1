import { trackAttrs } from '@turnout/react/attrs';
import type { Entity } from '@turnout/sdk';
import { useState } from 'react';
import { aPreview } from './a-preview.ts';
import { BookingForm } from './booking-form.tsx';
import { TipButtons } from './tip-buttons.tsx';

/** What only artists have: something to hear, a hat for tips, and a way to book them. */
export function ArtistExtras({ name, entity }: { name: string; entity: Entity }) {
  const [preview] = useState(() => aPreview(name));
  return (
    <div className="extras">
      <section className="card note">
        <strong>Hear a preview</strong>
        {/* What is played is measured all over the app; attributes say what it is of. */}
        <audio controls src={preview} {...trackAttrs({ entity, surface: 'artist_page' })} />
      </section>
      <section className="card note">
        <strong>Tip {name}</strong>
        <TipButtons entity={entity} />
      </section>
      <section className="card note">
        <strong>Book {name}</strong>
        <BookingForm entity={entity} />
      </section>
    </div>
  );
}
