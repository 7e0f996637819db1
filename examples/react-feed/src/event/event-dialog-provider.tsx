import { createContext, type ReactNode, useContext, useState } from 'react';
import type { Concert } from '../data/concerts.ts';
import { EventDialog } from './event-dialog.tsx';

const Context = createContext<(concert: Concert) => void>(() => {});

/** One dialog for all lists. */
export function EventDialogProvider({ children }: { children: ReactNode }) {
  const [open, setOpen] = useState<Concert>();
  return (
    <Context value={setOpen}>
      {children}
      {open && <EventDialog concert={open} onClose={() => setOpen(undefined)} />}
    </Context>
  );
}

/** Opens the details of a concert. */
export const useEventDialog = () => useContext(Context);
