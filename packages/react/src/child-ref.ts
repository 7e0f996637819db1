/**
 * The ref of an only child, before React 19.3: where it is, who can take one, and how two become one.
 */
import { isValidElement, type ReactElement, type ReactNode, type Ref, version } from 'react';

// A version says what no feature test can: reading a ref in the wrong place makes React complain.
const [major, minor] = version.split('.');
const release = Number(major) * 100 + Number(minor);

/** A fragment takes a ref. React exports nothing else that tells. */
export const HAS_FRAGMENT_REFS = release >= 1903;
const IS_REF_A_PROP = release >= 1900;

/** An element that may be given a ref. */
export type Child = ReactElement<{ ref?: Ref<unknown> }> & { ref?: Ref<unknown> };

/** The only child, if it can be given a ref at all. */
export function refTaker(children: ReactNode): Child | undefined {
  if (!isValidElement(children)) return;
  // Elsewhere a ref is ignored, and in development React complains; our own message says more.
  if (process.env.NODE_ENV !== 'production' && !takesRef(children.type)) return;
  return children as Child;
}

function takesRef(given: unknown): boolean {
  const type = unwrap(given);
  // Plain function components take one since React 19.
  if (typeof type === 'function') return IS_REF_A_PROP || Boolean(type.prototype?.isReactComponent);
  return typeof type !== 'symbol';
}

/** The ref that a child was given by its own author. */
export const refOf = (child: Child): Ref<unknown> | undefined =>
  IS_REF_A_PROP ? child.props.ref : child.ref;

/** One callback ref that serves `hold` and the child's own ref. */
export function joinRefs(hold: (value: unknown) => void, own: Ref<unknown> | undefined) {
  let cleanup: unknown;
  return (value: unknown): void => {
    hold(value);
    if (own && typeof own === 'object') own.current = value;
    if (typeof own !== 'function') return;
    // React 19 calls what a callback ref returns in the place of the callback with null.
    if (value === null && typeof cleanup === 'function') cleanup();
    else cleanup = own(value);
  };
}

/** How a developer calls these children. */
export function nameOf(children: ReactNode): string {
  if (Array.isArray(children)) return 'several children';
  if (!isValidElement(children))
    return children && typeof children === 'object' ? 'a portal' : 'a text or nothing';
  const type = unwrap(children.type);
  if (typeof type === 'string') return `<${type}>`;
  if (typeof type === 'symbol') return `<${type.description?.replace(/^react\./, '')}>`;
  const { displayName, name, render } = type as {
    displayName?: string;
    name?: string;
    render?: { name: string };
  };
  return `<${displayName || name || render?.name || 'Anonymous'}>`;
}

/** What `memo` wraps. */
function unwrap(type: unknown): unknown {
  const inner = typeof type === 'object' && (type as { type?: unknown } | null)?.type;
  return inner ? unwrap(inner) : type;
}
