import { createContext, type ReactNode, useContext, useMemo, useState } from 'react';

/** An artist's or a venue's page. */
export interface Place {
  kind: 'artist' | 'venue';
  name: string;
}

interface Navigation {
  place: Place | undefined;
  open: (place: Place | undefined) => void;
}

const Context = createContext<Navigation>({ place: undefined, open: () => {} });

/** Which page is open: the feed, or that of an artist or venue. */
export function NavigationProvider({ children }: { children: ReactNode }) {
  const [place, open] = useState<Place>();
  return <Context value={useMemo(() => ({ place, open }), [place])}>{children}</Context>;
}

export const useNavigation = () => useContext(Context);
