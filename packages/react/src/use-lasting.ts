import { useEffect, useState } from 'react';

/** What goes on, and whether it was left. */
interface Run {
  deps?: readonly unknown[];
  stop?: (() => void) | undefined;
  isLeft?: boolean;
}

/**
 * `useEffect` for what is counted: StrictMode and Fast Refresh stop an effect and start it again in one go,
 * and that is neither an end nor a beginning. What is really left stops a moment later.
 */
export function useLasting(start: () => (() => void) | undefined, deps: readonly unknown[]): void {
  const [run] = useState<Run>({});
  useEffect(() => {
    run.isLeft = false;
    if (deps.some((value, n) => value !== run.deps?.[n])) {
      run.stop?.();
      run.deps = deps;
      run.stop = start();
    }
    return () => {
      run.isLeft = true;
      queueMicrotask(() => {
        if (!run.isLeft) return;
        run.stop?.();
        run.stop = run.deps = undefined;
      });
    };
    // biome-ignore lint/correctness/useExhaustiveDependencies: they are the caller's.
  }, deps);
}
