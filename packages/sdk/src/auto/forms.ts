/**
 * Forms: that one was sent, and how long it took. Never what is in it.
 */
import { listen } from '../listen.ts';
import type { Tracker } from '../tracker.ts';
import { placeOf } from './place-of.ts';

/**
 * Records a `form_submit` for each form that is sent: its id or name, how many fields it has, and the time
 * since somebody first went into it. The browser tells it only of forms that it finds valid.
 *
 * @returns A function that stops.
 * @example
 * const stop = formSubmits(tracker);
 */
export function formSubmits(tracker: Pick<Tracker, 'track'>): () => void {
  const begun = new WeakMap<Element, number>();
  return listen('focusin submit', ({ type, target, timeStamp }) => {
    if (!(target instanceof Element)) return;
    const form = target.closest('form');
    if (!form) return;
    const since = begun.get(form);
    if (type === 'focusin') {
      begun.set(form, since ?? timeStamp);
      return;
    }
    begun.delete(form);
    tracker.track('form_submit', {
      ...placeOf(form),
      props: {
        // As attributes: a field named "id" or "name" hides the properties.
        form: form.getAttribute('id') || form.getAttribute('name') || undefined,
        field_count: form.querySelectorAll('input:not([type=hidden],[type=submit]),select,textarea').length,
        time_to_complete_seconds: since === undefined ? since : Math.round((timeStamp - since) / 1000),
      },
    });
  });
}
