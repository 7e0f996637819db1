import { useState } from 'react';
import { CONCERTS, type Concert, search } from './concerts.ts';
import { EventCard } from './event-card.tsx';
import { EventDialog } from './event-dialog.tsx';
import icon from './icon.svg';
import { InterestsProvider } from './interests.tsx';
import { SearchBox } from './search-box.tsx';

export function App() {
  const [query, setQuery] = useState('');
  const [open, setOpen] = useState<Concert>();
  const isSearch = query.trim() !== '';
  const concerts = isSearch ? search(query.trim()) : CONCERTS;
  const surface = isSearch ? 'search' : 'feed';

  return (
    <InterestsProvider>
      <header className="top">
        <a className="brand" href="./">
          <img src={icon} alt="" width="32" height="32" />
          Encore
        </a>
        <SearchBox query={query} resultCount={concerts.length} onChange={setQuery} />
      </header>
      <main>
        <h1>{isSearch ? `${concerts.length} found` : 'Coming up in Austin'}</h1>
        <div className="feed">
          {concerts.map((concert, position) => (
            <EventCard
              // A search result is seen anew, even where its card already stood in the feed.
              key={`${surface} ${concert.id}`}
              concert={concert}
              surface={surface}
              position={position}
              onOpen={() => setOpen(concert)}
            />
          ))}
        </div>
        {concerts.length === 0 && <p className="where">Nothing plays under that name. Try a genre.</p>}
      </main>
      {open && <EventDialog concert={open} onClose={() => setOpen(undefined)} />}
    </InterestsProvider>
  );
}
