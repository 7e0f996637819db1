import { trackAttrs } from '@turnout/react/attrs';
import Link from 'next/link';
import { concerts } from './concerts.ts';

/** A server component: it stays one, as attributes say what is measured. */
export default function Tonight() {
  return (
    <main>
      <h1>Tonight in town</h1>
      {concerts.map(({ id, artist, genre, tickets }, position) => {
        const place = { entity: `event:${id}` as const, list: 'tonight', surface: 'feed', position };
        return (
          <article key={id} {...trackAttrs({ ...place, impression: true, click: true, props: { genre } })}>
            <h2>
              <Link href={`/events/${id}`}>{artist}</Link>
            </h2>
            <a href={tickets} {...trackAttrs({ ...place, click: { type: 'ticket_click' } })}>
              Tickets
            </a>
          </article>
        );
      })}
    </main>
  );
}
