import { useState } from 'react';
import { CartProvider } from './commerce/cart.tsx';
import { ConsentBanner } from './consent-banner.tsx';
import { DiscoverPage } from './discover/discover-page.tsx';
import { EventDialogProvider } from './event/event-dialog-provider.tsx';
import { HomePage } from './feed/home-page.tsx';
import icon from './icon.svg';
import { MarksProvider } from './marks.tsx';
import { useAddress } from './navigation.ts';
import { YouPage } from './people/you-page.tsx';
import { PlacePage } from './places/place-page.tsx';
import { EVERYTHING, type Filters, SearchBar } from './search/search-bar.tsx';
import { SearchPage } from './search/search-page.tsx';
import { useAutomatic } from './use-automatic.ts';

export function App() {
  useAutomatic();
  return (
    <MarksProvider>
      <CartProvider>
        <EventDialogProvider>
          <Shell />
        </EventDialogProvider>
      </CartProvider>
      <ConsentBanner />
    </MarksProvider>
  );
}

/** The header, and below it what is searched for or else the page of the address. */
function Shell() {
  const { page, id } = useAddress();
  const here = `${page}/${id}`;
  const [typed, setTyped] = useState({ filters: EVERYTHING, at: here });
  // Another page is another search.
  const filters = typed.at === here ? typed.filters : EVERYTHING;
  const change = (next: Filters) => setTyped({ filters: next, at: here });
  const leaveSearch = () => change(EVERYTHING);
  return (
    <>
      <header className="top">
        <nav aria-label="Home" onClickCapture={leaveSearch}>
          <a className="brand" href="#/">
            <img src={icon} alt="" width="32" height="32" />
            Encore
          </a>
        </nav>
        <SearchBar filters={filters} onChange={change} />
        <nav aria-label="Pages" onClickCapture={leaveSearch}>
          <a href="#/discover" aria-current={page === 'discover' ? 'page' : undefined}>
            Discover
          </a>
          <a href="#/you" aria-current={page === 'you' ? 'page' : undefined}>
            You
          </a>
        </nav>
      </header>
      <main>
        <Page filters={filters} onLeaveSearch={leaveSearch} />
      </main>
    </>
  );
}

function Page({ filters, onLeaveSearch }: { filters: Filters; onLeaveSearch: () => void }) {
  const { page, id } = useAddress();
  if (filters.query.trim()) return <SearchPage filters={filters} onLeave={onLeaveSearch} />;
  if (page === 'artist' || page === 'venue') return <PlacePage key={id} kind={page} id={id} />;
  if (page === 'discover') return <DiscoverPage />;
  if (page === 'you') return <YouPage />;
  return <HomePage genre={filters.genre} />;
}
