import { useEffect, useRef } from 'react';

interface Run {
  deps: readonly unknown[];
  stop: (() => void) | undefined;
  isLeft?: boolean;
}

/**
 * `useEffect` for what is counted: StrictMode and Fast Refresh stop an effect and start it again in one go,
 * and that is neither an end nor a beginning. What is really left stops a moment later.
 */
export function useLasting(start: () => (() => void) | undefined, deps: readonly unknown[]): void {
  const held = useRef<Run>(undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: they are the caller's.
  useEffect(() => {
    let run = held.current;
    const isSame = run && deps.every((value, n) => Object.is(value, run?.deps[n]));
    if (run) run.isLeft = false;
    if (!run || !isSame) {
      run?.stop?.();
      run = held.current = { deps, stop: start() };
    }
    const current = run;
    return () => {
      current.isLeft = true;
      queueMicrotask(() => {
        if (!current.isLeft) return;
        held.current = undefined;
        current.stop?.();
      });
    };
  }, deps);
}
