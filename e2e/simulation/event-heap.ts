import type { Realm } from './world.ts';

/** Something that is going to happen. */
export interface Event {
  at: number;
  realm: Realm;
  /** What the trace says; nothing when empty. */
  label: string;
  work: () => void;
  isCancelled: boolean;
}

/** The events to come, earliest first; of two at the same time, the one that was pushed first. */
export function createEventHeap() {
  const heap: { event: Event; order: number }[] = [];
  let pushed = 0;
  const isBefore = (a: number, b: number) => {
    const [one, other] = [heap[a], heap[b]];
    if (!one || !other) return false;
    return one.event.at < other.event.at || (one.event.at === other.event.at && one.order < other.order);
  };
  const swap = (a: number, b: number) => {
    const [one, other] = [heap[a], heap[b]];
    if (one && other) [heap[a], heap[b]] = [other, one];
  };

  return {
    peek: (): Event | undefined => heap[0]?.event,
    push(event: Event): void {
      pushed += 1;
      let at = heap.push({ event, order: pushed }) - 1;
      for (let parent = (at - 1) >> 1; at > 0 && isBefore(at, parent); parent = (at - 1) >> 1) {
        swap(at, parent);
        at = parent;
      }
    },
    pop(): Event | undefined {
      const first = heap[0];
      const last = heap.pop();
      if (!first || !last || heap.length === 0) return first?.event;
      heap[0] = last;
      for (let at = 0; ; ) {
        let least = at;
        if (isBefore(2 * at + 1, least)) least = 2 * at + 1;
        if (isBefore(2 * at + 2, least)) least = 2 * at + 2;
        if (least === at) return first.event;
        swap(at, least);
        at = least;
      }
    },
  };
}
