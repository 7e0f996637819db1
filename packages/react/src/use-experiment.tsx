import { createExperiment, type ExperimentOptions } from '@turnout/sdk';
import { type ReactNode, useEffect, useMemo, useSyncExternalStore } from 'react';
import { useTracker } from './use-tracker.ts';

/** What {@link useExperiment} is told. */
export interface UseExperimentOptions<Variant extends string = string> extends ExperimentOptions<Variant> {
  /** What the server rendered, where it knows the visitor: `assignVariant` of the SDK tells. The fallback, if left out. */
  initial?: NoInfer<Variant> | undefined;
}

/** An experiment as {@link useExperiment} returns it. */
export interface ExperimentState<Variant extends string = string> {
  /** The variant to show. Reading it in a render that is committed records an `exposure`, once a session. */
  readonly variant: Variant;
  /** False on a server and while its page is hydrated, where the visitor is not known yet. */
  readonly ready: boolean;
}

const never = () => () => {};

/**
 * Which variant of an experiment this visitor sees: see `createExperiment` of the SDK. The options of the first
 * render count.
 *
 * @example
 * const { variant } = useExperiment('hero-copy', { variants: ['control', 'b'], fallback: 'control' });
 */
export function useExperiment<const Variant extends string>(
  id: string,
  options: UseExperimentOptions<Variant>,
): ExperimentState<Variant> {
  const tracker = useTracker();
  // biome-ignore lint/correctness/useExhaustiveDependencies: somebody keeps a variant, whatever the options become.
  const experiment = useMemo(() => createExperiment(tracker, id, options), [tracker, id]);
  const known = useSyncExternalStore(never, experiment.peek, () => undefined);
  // Of this very render: one that React throws away shows nothing to anybody.
  let isRead = false;
  useEffect(() => {
    if (isRead && known) void experiment.variant;
  });
  return {
    ready: Boolean(known),
    get variant() {
      isRead = true;
      return known ?? options.initial ?? options.fallback;
    },
  };
}

/** What `<Experiment>` is told. */
export interface ExperimentProps<Variant extends string = string>
  extends Omit<UseExperimentOptions<Variant>, 'variants' | 'fallback'> {
  id: string;
  /** What each variant shows. */
  variants: Readonly<Record<Variant, ReactNode>>;
  /** What those see who do not take part; the first variant, if left out. */
  fallback?: NoInfer<Variant> | undefined;
}

/**
 * Shows one of several variants, and records that it was shown.
 *
 * @example
 * <Experiment id="hero-copy" variants={{ control: <h1>All shows</h1>, b: <h1>Tonight, near you</h1> }} />
 */
export function Experiment<Variant extends string>({
  id,
  variants,
  fallback,
  ...options
}: ExperimentProps<Variant>): ReactNode {
  const names = Object.keys(variants) as Variant[];
  const [first] = names;
  const { variant } = useExperiment(id, {
    ...options,
    variants: names,
    fallback: fallback ?? (first as Variant),
  });
  return variants[variant];
}
