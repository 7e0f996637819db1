/**
 * `<Track>`: what is seen and touched, declared in JSX, without an element of its own.
 *
 * Two mechanisms, one behaviour. React 19.3 tells the elements of a fragment; before, the ref of the only
 * child does. Either way each element goes to `tracker.observe`, which is where the measuring is.
 */
import type { EntityOf, InteractionName, PropsOf } from '@turnout/sdk';
import { cloneElement, createElement, Fragment, type ReactNode, useMemo } from 'react';
import { HAS_FRAGMENT_REFS, joinRefs, nameOf, refOf, refTaker } from './child-ref.ts';
import { sayOnce } from './say-once.ts';
import { type Tracked, useElement } from './use-element.ts';

/** Without a type: what an impression may say, a click may say too. */
type Seen = 'impression';

/**
 * What `<Track>` is told: what is measured, and what it is. Values are read when something is recorded.
 *
 * `Type` follows from `type`: entity and props are those that the site's catalogue, or Turnout itself, knows of it.
 */
export type TrackProps<Type extends InteractionName = Seen> = Omit<Tracked, 'entity' | 'props'> & {
  /**
   * What a click on it is: `ticket_click`, `like`, or a name of your own. The same as `click={{ type }}`; with
   * `click={false}` there is none.
   */
  type?: Type | undefined;
  /** What it is: `event:42`, `artist:a-7` … */
  entity?: EntityOf<Type> | undefined;
  /** Facts as JSON, or a function that tells them when something is recorded. */
  props?: PropsOf<NoInfer<Type>> | (() => PropsOf<NoInfer<Type>> | undefined) | undefined;
  /**
   * What is measured. From React 19.3 on whatever renders an element, also several; before, a single
   * element, or a component that passes its ref on to one.
   */
  children?: ReactNode;
} & (Record<never, never> extends PropsOf<Type> ? unknown : { props: unknown });

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
export const Track: <const Type extends InteractionName = Seen>(props: TrackProps<Type>) => ReactNode =
  HAS_FRAGMENT_REFS ? TrackFragment : TrackChild;

/** The same, whatever its type. */
type AnyTrackProps = Tracked & Pick<TrackProps<InteractionName>, 'type' | 'children'>;

const toTracked = ({ type, click, ...tracked }: AnyTrackProps): Tracked => ({
  ...tracked,
  click: type && click !== false ? { ...(click as object), type } : click,
});

function TrackFragment(props: AnyTrackProps): ReactNode {
  const { children } = props;
  const ref = useElement(toTracked(props), (group, held) => {
    // Nothing at all may be there later; a text stays one.
    if (group.isIdle() && held?.getClientRects?.().length) sayEmpty(children);
  });
  return createElement(Fragment, { ref }, children);
}

function TrackChild(props: AnyTrackProps): ReactNode {
  const { children } = props;
  const hold = useElement(toTracked(props), (group) => group.isIdle() && sayEmpty(children));
  const child = refTaker(children);
  const own = child && refOf(child);
  const ref = useMemo(() => joinRefs(hold, own), [hold, own]);
  return child ? cloneElement(child, { ref }) : children;
}

function sayEmpty(children: ReactNode): void {
  if (process.env.NODE_ENV === 'production') return;
  sayOnce(
    'error',
    `<Track> measures nothing: it got no element from ${nameOf(children)}. ` +
      (HAS_FRAGMENT_REFS
        ? 'A text has no box that could be seen: put it into an element, such as <span>'
        : 'Give it one child that is an element, or a component that passes its ref on to one (with forwardRef ' +
          'before React 19). From React 19.3 on any children will do') +
      ', or measure an element of your own with useImpression and useClick.',
  );
}
