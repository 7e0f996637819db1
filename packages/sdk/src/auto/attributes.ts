/**
 * Data attributes: elements say themselves what is measured on them.
 *
 * Reads `data-track*` when something is recorded, finds elements that come later with one
 * MutationObserver, and leaves out values that it cannot read instead of guessing.
 */
import type { ElementTracking } from '../element-tracking.ts';
import type { Entity, Props } from '../interaction.ts';
import { toNumber } from '../loose.ts';
import { quietly } from '../quietly.ts';
import type { Tracker } from '../tracker.ts';

/** What an element is measured by. */
export const MARKS = [
  'data-track',
  'data-track-impression',
  'data-track-click',
  'data-track-duration',
] as const;
const anyOf = (names: readonly string[]) => names.map((name) => `[${name}]`).join();
const SELECTOR = anyOf(MARKS);
/** What counts as one of a list: a ticket link in a card does not. */
const ITEMS = anyOf(MARKS.slice(1));
const MEASURES = ['impression', 'duration', 'click'];
const LIST = '[data-track-list]';
const ITEMS_AND_LISTS = `${ITEMS},${LIST}`;
/** What says what it is about. */
const CARRIERS = anyOf(['data-track-entity', ...MEASURES.map((name) => `data-track-${name}*=":"`)]);

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
  const scan = (root: Element, isOther?: boolean) => {
    for (const element of [root, ...root.querySelectorAll(SELECTOR)]) {
      if (isOther) drop(element);
      add(element);
    }
  };

  const heard = (changes: MutationRecord[]) => {
    let isLess = false;
    for (const { target, attributeName: name, oldValue, addedNodes, removedNodes } of changes) {
      // A card that is used for another event is another card, and so is what stands in it. Some write what stands there.
      if (name && target.isConnected && oldValue !== (target as Element).getAttribute(name))
        scan(target as Element, true);
      for (const node of addedNodes) if (node instanceof Element && node.isConnected) scan(node);
      isLess ||= removedNodes.length > 0;
    }
    // What was moved is connected again, and stays.
    if (isLess) for (const element of stops.keys()) if (!element.isConnected) drop(element);
  };
  // Where there is none, what the page begins with is measured all the same.
  const observer = quietly(() => new MutationObserver((changes) => quietly(() => heard(changes))));
  observer?.observe(document, {
    childList: true,
    subtree: true,
    attributeOldValue: true,
    attributeFilter: [...MARKS, 'data-track-entity'],
  });
  scan(document.documentElement);

  return () => {
    observer?.disconnect();
    for (const element of stops.keys()) drop(element);
  };
}

function readElement(element: Element): ElementTracking {
  // Without a prototype: where the page froze those, `constructor` could not be set.
  const props: Props = Object.create(null);
  for (const { name, value } of element.attributes) {
    const [, kind, key = ''] = /^data-track-(prop|num|bool|json)-(.+)$/.exec(name) ?? [];
    const read = kind && READERS[kind]?.(value);
    if (kind && read !== undefined) props[key.replaceAll('-', '_')] = read;
  }

  const type = element.getAttribute('data-track');
  const [impression, duration, click] = MEASURES.map((name) => attributeOf(element, name));
  return {
    entity: entityAt(element.closest(CARRIERS)) as Entity | undefined,
    list: nearest(element, 'list'),
    // Looked up when something is recorded: observers ask for the rest far more often.
    get position() {
      const place = nearest(element, 'position');
      return (place === undefined ? placeInList(element) : READERS.num?.(place)) as number | undefined;
    },
    surface: nearest(element, 'surface'),
    props,
    impression: isOn(impression),
    duration: isOn(duration),
    click: click !== OFF &&
      (!!type || click !== undefined) && {
        type: type || undefined,
        name: click?.includes(':') ? undefined : click || undefined,
        undo: isOn(attributeOf(element, 'undo')) || undefined,
      },
  };
}

/** Reads a value by the kind in its attribute's name; undefined where it is not of that kind. */
export const READERS: Record<string, (value: string) => unknown> = {
  prop: (value) => value,
  num: toNumber,
  bool: (value) => ({ true: true, false: false })[value],
  json: (value) => quietly(() => JSON.parse(value), undefined),
};

/** What frameworks make of `data-track-click={false}`. */
const OFF = 'false';
const isOn = (value: string | undefined) => value !== undefined && value !== OFF;

/** Where it stands among the list's own elements in the document, now: lists are sorted and grow. */
function placeInList(element: Element): number | undefined {
  const list = element.closest(LIST);
  const places = new Set<unknown>();
  for (const item of list?.querySelectorAll(ITEMS) ?? []) {
    // What stands in an item has its place, and what stands in a list inside of this one has none.
    if ((item.parentNode as Element).closest(ITEMS_AND_LISTS) !== list) continue;
    // A carousel shows clones: those of one entity are one item.
    const key = entityAt(item) ?? item;
    places.add(key);
    if (item.contains(element)) return [...places].indexOf(key);
  }
  return;
}

/** What an element says itself: `data-track-click="load_more"` is a name; with a colon it is an entity. */
const entityAt = (carrier: Element | null) =>
  attributeOf(carrier, 'entity') ??
  MEASURES.map((name) => attributeOf(carrier, name)).find((it) => it?.includes(':'));
const attributeOf = (element: Element | null, name: string) =>
  element?.getAttribute(`data-track-${name}`) ?? undefined;
/** What the nearest element around one says. */
export const nearest = (element: Element, name: string) =>
  attributeOf(element.closest(`[data-track-${name}]`), name);
