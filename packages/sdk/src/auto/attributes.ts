/**
 * Data attributes: elements say themselves what is measured on them.
 *
 * Reads `data-track*` when something is recorded, finds elements that come later with one
 * MutationObserver, and leaves out values that it cannot read instead of guessing.
 */
import type { ElementTracking } from '../element-tracking.ts';
import type { Entity, Props } from '../interaction.ts';
import { quietly } from '../quietly.ts';
import type { Tracker } from '../tracker.ts';

/** What an element is measured by. */
export const MARKS = [
  'data-track',
  'data-track-impression',
  'data-track-click',
  'data-track-duration',
] as const;
const SELECTOR = MARKS.map((name) => `[${name}]`).join();

/**
 * Measures every element that carries `data-track`, `data-track-impression`, `data-track-click` or
 * `data-track-duration`, now and later. The script tag does this by itself.
 *
 * @param tracker - The tracker that records.
 * @returns A function that stops measuring.
 * @example
 * const stop = observeAttributes(tracker);
 */
export function observeAttributes(tracker: Pick<Tracker, 'observe'>): () => void {
  const stops = new Map<Element, () => void>();

  const drop = (element: Element) => {
    stops.get(element)?.();
    stops.delete(element);
  };
  const add = (element: Element) => {
    if (stops.has(element) || !element.matches(SELECTOR)) return;
    stops.set(
      element,
      tracker.observe(element, () => readElement(element)),
    );
  };
  const scan = (root: Element | Document) => {
    if (root instanceof Element) add(root);
    for (const element of root.querySelectorAll(SELECTOR)) add(element);
  };

  const heard = (changes: MutationRecord[]) => {
    let isLess = false;
    for (const { type, target, addedNodes, removedNodes } of changes) {
      if (type === 'attributes') {
        drop(target as Element);
        if (target.isConnected) add(target as Element);
      }
      for (const node of addedNodes) if (node instanceof Element && node.isConnected) scan(node);
      isLess ||= removedNodes.length > 0;
    }
    // What was moved is connected again, and stays.
    if (isLess) for (const element of stops.keys()) if (!element.isConnected) drop(element);
  };
  // Where there is none, what the page begins with is measured all the same.
  const observer = quietly(() => new MutationObserver((changes) => quietly(() => heard(changes))));
  observer?.observe(document, { childList: true, subtree: true, attributeFilter: [...MARKS] });
  scan(document);

  return () => {
    observer?.disconnect();
    for (const element of [...stops.keys()]) drop(element);
  };
}

function readElement(element: Element): ElementTracking {
  const [type, impression, click, duration] = MARKS.map((name) => element.getAttribute(name));
  // Without a prototype: where the page froze those, `constructor` could not be set.
  const props: Props = Object.create(null);
  for (const { name, value } of element.attributes) {
    const [, kind, key = ''] = /^data-track-(prop|num|bool|json)-(.+)$/.exec(name) ?? [];
    const read = kind && READERS[kind]?.(value);
    if (kind && read !== undefined) props[key.replaceAll('-', '_')] = read;
  }

  // `data-track-click="load_more"` is a name; with a colon it is an entity.
  const own =
    element.getAttribute('data-track-entity') ??
    [impression, duration, click].find((it) => it?.includes(':'));
  const around = element.closest(
    '[data-track-entity],[data-track-impression*=":"],[data-track-duration*=":"],[data-track-click*=":"]',
  );
  const entity = own ?? (around && around !== element ? readElement(around).entity : undefined);
  const place = nearest(element, 'data-track-position');
  const position = place === undefined ? placeInList(element) : READERS.num?.(place);
  const undo = element.hasAttribute('data-track-undo') || undefined;
  return {
    entity: entity as Entity | undefined,
    list: nearest(element, 'data-track-list'),
    position: position as number | undefined,
    surface: nearest(element, 'data-track-surface'),
    props,
    impression: impression !== null,
    duration: duration !== null,
    click:
      type || click
        ? { type: type ?? undefined, name: click?.includes(':') ? undefined : click || undefined, undo }
        : click !== null,
  };
}

/** Reads a value by the kind in its attribute's name; undefined where it is not of that kind. */
export const READERS: Record<string, (value: string) => unknown> = {
  prop: (value) => value,
  num: (value) => (value.trim() && Number.isFinite(Number(value)) ? Number(value) : undefined),
  bool: (value) => ({ true: true, false: false })[value],
  json: (value) => quietly(() => JSON.parse(value), undefined),
};

/** Where it stands among the list's own elements in the document, now: lists are sorted and grow. */
function placeInList(element: Element): number | undefined {
  const items = element
    .closest('[data-track-list]')
    ?.querySelectorAll('[data-track-impression],[data-track-click],[data-track-duration]');
  const place = [...(items ?? [])].findIndex((item) => item.contains(element));
  return place < 0 ? undefined : place;
}

const nearest = (element: Element, name: string) =>
  element.closest(`[${name}]`)?.getAttribute(name) ?? undefined;
