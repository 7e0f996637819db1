import { trackAttrs } from '@turnout/react/attrs';

const concerts = [
  { id: '42', artist: 'The Lanterns', genre: 'folk', tickets: 'https://tickets.example.com/42' },
  { id: '43', artist: 'Night Ferry', genre: 'jazz', tickets: 'https://tickets.example.com/43' },
];

/** A server component: it stays one, as attributes say what is measured. */
export default function Tonight() {
  return (
    <main>
      <h1>Tonight in town</h1>
      {concerts.map(({ id, artist, genre, tickets }, position) => {
        const place = { entity: `event:${id}` as const, list: 'tonight', surface: 'feed', position };
        return (
          <article key={id} {...trackAttrs({ ...place, impression: true, click: true, props: { genre } })}>
            <h2>{artist}</h2>
            <a href={tickets} {...trackAttrs({ ...place, click: { type: 'ticket_click' } })}>
              Tickets
            </a>
          </article>
        );
      })}
    </main>
  );
}
