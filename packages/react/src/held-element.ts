import type { ElementObserver } from './element-observer.ts';

/** The element behind a ref, handed on to an observer. */
export interface HeldElement {
  /** What the ref gives: an element, or something that cannot be measured. */
  hold(value: unknown): void;
  /** True while there is an element. */
  isHeld(): boolean;
  /** Hands the element of each moment to `observer`, until the returned function is called. */
  connect(observer: ElementObserver): () => void;
}

/** Makes a {@link HeldElement}. */
export function createHeldElement(): HeldElement {
  let element: Element | undefined;
  let observed: Element | undefined;
  let observer: ElementObserver | undefined;

  function settle(): void {
    if (!observer || observed === element) return;
    if (observed) observer.unobserve(observed);
    if (element) observer.observe(element);
    observed = element;
  }

  return {
    hold(value) {
      element = value instanceof Element ? value : undefined;
      if (element) settle();
      // React takes an inline ref away and gives it back in every render. Only what is still gone after
      // the commit has left; a second in sight goes on meanwhile.
      else queueMicrotask(settle);
    },
    isHeld: () => element !== undefined,
    connect(next) {
      observer = next;
      settle();
      return () => {
        observer = undefined;
        observed = undefined;
      };
    },
  };
}
