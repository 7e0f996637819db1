/**
 * Lists: what stands in one, and at which place.
 *
 * Places are looked up in the document when something is recorded. So they are right after sorting and
 * filtering, and nobody has to count.
 */
import { inside } from './inside.ts';
import type { Details } from './interaction.ts';
import { quietly } from './quietly.ts';
import type { Tracker } from './tracker.ts';
import { uuidv7 } from './uuid.ts';

/**
 * Makes a tracker for what stands in a list: gives `list`, `props.list_view_id` (one showing of it) and the
 * `position` of each element, from 0.
 *
 * The outermost elements that are observed are the items, and those of one entity are one item: a ticket
 * link inside of a card has the card's place. A position that is told wins.
 *
 * @param list - The name of the list, such as `home-feed`.
 * @example
 * const feed = createList(tracker, 'home-feed');
 * for (const card of cards) feed.observe(card, () => ({ entity: `event:${card.id}`, impression: true }));
 */
export function createList(tracker: Tracker, list: string): Tracker {
  // Kept in the order found last: to sort what is sorted costs one comparison an element.
  let elements = new Set<Element>();
  const reads = new Map<Element, () => Details>();
  const known = new WeakMap<Element, number>();
  let viewId = '';

  function placeOf(element: Element): number | undefined {
    const here = [...elements].filter((it) => it.isConnected);
    here.sort((a, b) => (a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1));
    // What is put aside, such as a tab that nobody looks at, may come back.
    elements = new Set([...here, ...elements]);
    const places = new Map<unknown, number>();
    let item: Element | undefined;
    let place = 0;
    for (const it of here) {
      if (!item?.contains(it)) {
        item = it;
        const key = quietly(() => reads.get(it)?.().entity) ?? it;
        place = places.get(key) ?? places.size;
        places.set(key, place);
      }
      if (it === element) {
        known.set(it, place);
        break;
      }
    }
    // What left the document tells its last words with the place that it had.
    return known.get(element);
  }

  const inner = inside(tracker, (element) => {
    viewId ||= uuidv7();
    return {
      list,
      get position() {
        return element && placeOf(element);
      },
      props: { list_view_id: viewId },
    };
  });
  return {
    ...inner,
    observe(element, read) {
      // What stands in another list, or in one inside of this, has no place here.
      const isHere = (quietly(() => read().list) ?? list) === list;
      if (isHere) {
        elements.add(element);
        reads.set(element, read);
      }
      const stop = inner.observe(element, read);
      return () => {
        stop();
        if (reads.get(element) !== read) return;
        reads.delete(element);
        // Nobody may ever ask for a place: rows of virtual lists tell theirs, and thousands of them pass.
        elements.delete(element);
      };
    },
  };
}
