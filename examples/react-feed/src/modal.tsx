import { type ReactNode, useEffect, useRef } from 'react';

interface Props {
  label: string;
  onClose: () => void;
  children: ReactNode;
}

/** A modal dialog that is open while it is mounted. */
export function Modal({ label, onClose, children }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (!ref.current?.open) ref.current?.showModal();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself.
    <dialog
      ref={ref}
      aria-label={label}
      onClose={onClose}
      // A click beside the dialog lands on the dialog itself.
      onClick={(event) => event.target === event.currentTarget && ref.current?.close()}
    >
      <button type="button" className="close" aria-label="Close" onClick={() => ref.current?.close()}>
        ×
      </button>
      {children}
    </dialog>
  );
}
