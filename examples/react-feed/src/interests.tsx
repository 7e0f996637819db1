import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react';

interface Interests {
  has: (id: string) => boolean;
  toggle: (id: string) => void;
}

const Context = createContext<Interests>({ has: () => false, toggle: () => {} });

/** Remembers, until the page is left, which concerts someone marked. */
export function InterestsProvider({ children }: { children: ReactNode }) {
  const [ids, setIds] = useState<readonly string[]>([]);
  const toggle = useCallback(
    (id: string) => setIds((now) => (now.includes(id) ? now.filter((it) => it !== id) : [...now, id])),
    [],
  );
  const interests = useMemo(() => ({ has: (id: string) => ids.includes(id), toggle }), [ids, toggle]);
  return <Context value={interests}>{children}</Context>;
}

export const useInterests = () => useContext(Context);
