import { useTrack } from '@turnout/react';
import type { Entity, Props } from '@turnout/sdk';
import { type Mark, useMarks } from './marks.tsx';

interface MarkButtonProps {
  mark: Mark;
  entity: Entity;
  /** What it says before, and when it is marked. */
  labels: readonly [off: string, on: string];
  surface?: string;
  props?: Props;
  onMark?: () => void;
}

/** Marks something, and takes the mark back: `undo` makes that count −1. */
export function MarkButton({ mark, entity, labels, surface, props, onMark }: MarkButtonProps) {
  const track = useTrack();
  const { has, toggle } = useMarks();
  const isOn = has(mark, entity);
  return (
    <button
      type="button"
      className="interest"
      aria-pressed={isOn}
      onClick={() => {
        toggle(mark, entity);
        track(mark, { entity, surface, undo: isOn || undefined, props });
        if (!isOn) onMark?.();
      }}
    >
      {labels[isOn ? 1 : 0]}
    </button>
  );
}
