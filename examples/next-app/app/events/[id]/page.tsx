import { Track } from '@turnout/react';
import Link from 'next/link';
import { concerts } from '../../concerts.ts';

export const generateStaticParams = () => concerts.map(({ id }) => ({ id }));

/** <Track> may stand in a server component too: it is a client component, and what it wraps stays on the server. */
export default async function Event({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const concert = concerts.find((it) => it.id === id);
  return (
    <main>
      <Link href="/">Tonight</Link>
      <Track entity={`event:${id}`} surface="event_page" props={{ genre: concert?.genre ?? '' }} duration>
        <section>
          <h1>{concert?.artist}</h1>
          <p>Doors at eight.</p>
        </section>
      </Track>
    </main>
  );
}
