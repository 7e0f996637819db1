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
  useEffect(() => {
    const before = held.current;
    if (before) before.isLeft = false;
    const isSame = before && deps.every((value, n) => value === before.deps[n]);
    if (!isSame) before?.stop?.();
    const run = isSame ? before : ({ deps, stop: start() } as Run);
    held.current = run;
    return () => {
      run.isLeft = true;
      queueMicrotask(() => {
        if (!run.isLeft) return;
        held.current = undefined;
        run.stop?.();
      });
    };
    // biome-ignore lint/correctness/useExhaustiveDependencies: they are the caller's.
  }, deps);
}
