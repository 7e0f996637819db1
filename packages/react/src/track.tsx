/**
 * `<Track>`: what is seen and touched, declared in JSX, without an element of its own.
 *
 * Two mechanisms, one behaviour. React 19.3 tells the elements of a fragment; before, the ref of the only
 * child does. Either way each element goes to `tracker.observe`, which is where the measuring is.
 */
import type { ElementTracking } from '@turnout/sdk';
import type { FragmentInstance } from 'react';
import { cloneElement, Fragment, type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import type {} from 'react-dom'; // What a FragmentInstance can do.
import { HAS_FRAGMENT_REFS, joinRefs, nameOf, refOf, refTaker } from './child-ref.ts';
import { createElementObserver, type ElementObserver } from './element-observer.ts';
import { createHeldElement } from './held-element.ts';
import { sayOnce } from './say-once.ts';
import { useTracker } from './use-tracker.ts';

/** What `<Track>` is told: what is measured, and what it is. Values are read when something is recorded. */
export interface TrackProps extends ElementTracking {
  /** Measures nothing while true. */
  disabled?: boolean | undefined;
  /**
   * What is measured. From React 19.3 on whatever renders an element, also several; before, a single
   * element, or a component that passes its ref on to one.
   */
  children?: ReactNode;
}

/**
 * Measures its children: impressions, clicks, visible time. Renders no element of its own.
 *
 * Several children are one thing: a click on any of them counts, an impression counts once, and the
 * visible time is that of the first.
 *
 * @example
 * <Track entity="event:42" surface="feed" position={3} impression click>
 *   <EventCard event={event} />
 * </Track>
 */
export function Track(props: TrackProps): ReactNode {
  return HAS_FRAGMENT_REFS ? <TrackFragment {...props} /> : <TrackChild {...props} />;
}

function TrackFragment(props: TrackProps): ReactNode {
  const ref = useRef<FragmentInstance>(null);
  useObserver(props, (observer) => {
    const fragment = ref.current;
    // React asks no more of an observer than these two methods.
    const adapter = observer as unknown as IntersectionObserver;
    fragment?.observeUsing(adapter);
    return () => fragment?.unobserveUsing(adapter);
  });
  return <Fragment ref={ref}>{props.children}</Fragment>;
}

function TrackChild(props: TrackProps): ReactNode {
  const { children } = props;
  const [element] = useState(createHeldElement);
  const child = refTaker(children);
  const own = child && refOf(child);
  const ref = useMemo(() => joinRefs(element.hold, own), [element, own]);
  useObserver(props, (observer) => {
    if (!element.isHeld()) {
      sayOnce(
        'error',
        `<Track> measures nothing: it got no element from ${nameOf(children)}. Give it one child that is ` +
          'an element, or a component that passes its ref on to one (with forwardRef before React 19). ' +
          'From React 19.3 on any children will do.',
      );
    }
    return element.connect(observer);
  });
  return child ? cloneElement(child, { ref }) : children;
}

/** Connects elements to the tracker while mounted. What they are may change; that never starts anew. */
function useObserver(props: TrackProps, connect: (observer: ElementObserver) => () => void): void {
  const tracker = useTracker();
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  const isDisabled = props.disabled === true;
  // The tracker decides what to watch when observing begins: turning one of these on has to begin anew.
  const watched = `${Boolean(props.impression)} ${Boolean(props.duration)}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `connect` reads refs only, and see `watched`.
  useEffect(() => {
    if (isDisabled) return;
    const observer = createElementObserver(tracker, () => latest.current);
    const disconnect = connect(observer);
    return () => {
      disconnect();
      observer.stop();
    };
  }, [tracker, isDisabled, watched]);
}
