/**
 * Components on a tracker of memory: rendered by React alone, or by the testing library of the app.
 */
import { TrackingProvider } from '@turnout/react';
import { createMemoryTracker, type MemoryTracker, type MemoryTrackerOptions } from '@turnout/sdk/test';
import { act, createElement, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';

/** What {@link createTrackingWrapper} returns. */
export interface TrackingWrapper {
  /** What was recorded, and what to expect of it. */
  tracker: MemoryTracker;
  /** A `<TrackingProvider>` of this tracker. It stays the same, so that rendering again keeps all state. */
  wrapper(props: { children?: ReactNode }): ReactNode;
}

/**
 * A tracker of memory and a component that provides it, for the `wrapper` of Testing Library's `render` and
 * `renderHook`.
 *
 * @example
 * const { tracker, wrapper } = createTrackingWrapper();
 * render(<TicketLink id="42" />, { wrapper });
 * await userEvent.click(screen.getByRole('link'));
 * tracker.expect('ticket_click', { entity: 'event:42' });
 */
export function createTrackingWrapper(options?: MemoryTrackerOptions): TrackingWrapper {
  const tracker = createMemoryTracker(options);
  return { tracker, wrapper: ({ children }) => createElement(TrackingProvider, { tracker }, children) };
}

/** What {@link renderTracked} returns. */
export interface TrackedRender {
  /** What was recorded, and what to expect of it. */
  tracker: MemoryTracker;
  /** The element in the document that holds what was rendered. */
  container: HTMLElement;
  /** Renders anew in the same place: state stays. */
  rerender(children: ReactNode): void;
  /**
   * Takes it all away. The tracker can still be asked; visible time ends a moment later, after
   * `await tracker.flush()` for certain.
   */
  unmount(): void;
}

/**
 * Renders into the document, effects included, with a tracker of memory around. Needs React 18.3 or newer
 * and its development build, for `act`; no testing library.
 *
 * @example
 * const { tracker, container, unmount } = renderTracked(<TicketButton id="42" />);
 * container.querySelector('button')?.click();
 * tracker.expect('ticket_click', { entity: 'event:42' });
 * unmount();
 */
export function renderTracked(children: ReactNode, options?: MemoryTrackerOptions): TrackedRender {
  const { tracker, wrapper } = createTrackingWrapper(options);
  const container = document.body.appendChild(document.createElement('div'));
  const root = createRoot(container);
  const rerender = (next: ReactNode) => flush(() => root.render(createElement(wrapper, null, next)));
  rerender(children);
  return {
    tracker,
    container,
    rerender,
    unmount() {
      flush(() => root.unmount());
      container.remove();
    },
  };
}

/**
 * React asks for the mark where `act` is used. It is taken back at once, as outside of an `act` it makes React
 * warn of every update, and whether to is the test's own choice.
 */
function flush(change: () => void): void {
  const environment: typeof globalThis & { IS_REACT_ACT_ENVIRONMENT?: boolean | undefined } = globalThis;
  const before = environment.IS_REACT_ACT_ENVIRONMENT;
  environment.IS_REACT_ACT_ENVIRONMENT = true;
  try {
    act(change);
  } finally {
    environment.IS_REACT_ACT_ENVIRONMENT = before;
  }
}
