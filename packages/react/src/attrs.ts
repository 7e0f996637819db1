/**
 * Data attributes for what is rendered where no hook may run, as in server components.
 *
 * They are those of the script tag. In the browser it reads them, or `observeAttributes(tracker)` of the SDK.
 */
import type { ElementTracking } from '@turnout/sdk';

/** What {@link trackAttrs} is told: what is measured on an element, and what it is. */
export interface TrackAttrs
  extends Pick<ElementTracking, 'entity' | 'list' | 'position' | 'surface' | 'props'> {
  impression?: boolean | undefined;
  /** A click; with a `type` such as `ticket_click`, that. */
  click?: boolean | { name?: string; type?: string; undo?: boolean } | undefined;
  duration?: boolean | undefined;
}

/** Attributes to spread on an element. */
export type DataAttributes = Readonly<Record<`data-track${string}`, string>>;

/**
 * The data attributes that say what is measured on an element. Pure: safe in server components.
 *
 * @example
 * <article {...trackAttrs({ entity: 'event:42', impression: true, click: true, props: { genre: 'jazz' } })}>…</article>
 */
export function trackAttrs({
  entity,
  list,
  position,
  surface,
  props = {},
  impression,
  click,
  duration,
}: TrackAttrs): DataAttributes {
  const { name, type, undo } =
    typeof click === 'object' ? click : ({} as { name?: string; type?: string; undo?: boolean });
  const attributes: Record<`data-track${string}`, unknown> = {
    'data-track': type,
    'data-track-entity': entity,
    'data-track-list': list,
    'data-track-position': position,
    'data-track-surface': surface,
    'data-track-impression': impression ? '' : undefined,
    'data-track-duration': duration ? '' : undefined,
    'data-track-click': click ? (name ?? (type ? undefined : '')) : undefined,
    'data-track-undo': undo ? '' : undefined,
  };
  for (const [key, value] of Object.entries(props)) {
    // Without these it would be no JSON, and the reader would report it.
    if (value === undefined || value === null) continue;
    const kind = KINDS[typeof value] ?? 'json';
    attributes[`data-track-${kind}-${key.replaceAll('_', '-')}`] =
      kind === 'json' ? JSON.stringify(value) : value;
  }
  const said = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return Object.fromEntries(said.map(([attribute, value]) => [attribute, String(value)]));
}

const KINDS: Readonly<Record<string, string>> = { string: 'prop', number: 'num', boolean: 'bool' };
