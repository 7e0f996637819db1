/**
 * A tracker inside of something: what is around is merged into everything that it records.
 *
 * That is all that lists and contexts are. The behaviours are given such a tracker and know nothing of it.
 */
import type { InteractionName } from './catalog.ts';
import type { ElementTracking } from './element-tracking.ts';
import type { Details } from './interaction.ts';
import type { Tracker } from './tracker.ts';

/**
 * Makes a tracker whose interactions carry what is around them: fields that they do not say themselves,
 * and props one by one.
 *
 * @param around - Tells what is around when something is recorded, on an element or elsewhere.
 * @example
 * const modal = inside(tracker, () => ({ surface: 'event_modal', props: { tab: tabs.active } }));
 * modal.track('share', { entity: 'event:42' });
 */
export function inside(tracker: Tracker, around: (element?: Element) => Details): Tracker {
  // What a catalogue asks of each name was asked of the caller; what is merged here only adds to it.
  const track = tracker.track as (name: InteractionName, details: Details) => void;
  return {
    ...tracker,
    track: (name: InteractionName, details?: Details) => track(name, merge(around(), details ?? {})),
    view: (details, scope) => tracker.view(merge(around(), details), scope),
    observe: (element, read) => tracker.observe(element, () => merge(around(element), read())),
  };
}

/** Both. Getters stay getters: a place in a list is asked for only when something is recorded. */
function merge<Told extends ElementTracking>(around: Details, told: Told): Told {
  const merged = { props: { ...around.props, ...told.props } } as Told;
  for (const source of [around, told]) {
    for (const [name, field] of Object.entries(Object.getOwnPropertyDescriptors(source))) {
      if (name !== 'props' && (field.get || field.value !== undefined)) {
        Object.defineProperty(merged, name, field);
      }
    }
  }
  return merged;
}
