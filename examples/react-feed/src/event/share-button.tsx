import type { Entity } from '@turnout/sdk';
import { useState } from 'react';
import { ShareDialog } from './share-dialog.tsx';

interface Props {
  entity: Entity;
  label: string;
  className?: string;
}

/** Opens the ways to share something. */
export function ShareButton({ entity, label, className = 'interest' }: Props) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <button type="button" className={className} onClick={() => setIsOpen(true)}>
        {label}
      </button>
      {isOpen && <ShareDialog entity={entity} onClose={() => setIsOpen(false)} />}
    </>
  );
}
