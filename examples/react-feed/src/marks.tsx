import { createContext, type ReactNode, useContext, useMemo, useState } from 'react';

/** What somebody can mark something with. */
export type Mark = 'interest' | 'save' | 'follow' | 'friend_add';

interface Marks {
  has: (mark: Mark, entity: string) => boolean;
  toggle: (mark: Mark, entity: string) => void;
}

const Context = createContext<Marks>({ has: () => false, toggle: () => {} });

/** Remembers, until the page is left, what somebody marked. */
export function MarksProvider({ children }: { children: ReactNode }) {
  const [marked, setMarked] = useState<readonly string[]>([]);
  const marks = useMemo(
    () => ({
      has: (mark: Mark, entity: string) => marked.includes(`${mark} ${entity}`),
      toggle: (mark: Mark, entity: string) => {
        const key = `${mark} ${entity}`;
        setMarked((now) => (now.includes(key) ? now.filter((it) => it !== key) : [...now, key]));
      },
    }),
    [marked],
  );
  return <Context value={marks}>{children}</Context>;
}

export const useMarks = () => useContext(Context);
