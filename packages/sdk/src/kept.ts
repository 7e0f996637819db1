/**
 * Small texts that outlive a page: in the browser's storage where the visitor agreed, in memory while
 * nobody asked, nowhere after a refusal. Their names begin with `turnout:kept:`.
 */
import { KEPT } from './forget-kept.ts';
import { quietly } from './quietly.ts';
import type { Tracker } from './tracker.ts';

/** See {@link kept}. */
export interface Kept<Value> {
  /** After a refusal it forgets, too. */
  read(): Value | undefined;
  write(value: Value): void;
}

const memory = new Map<string, unknown>();

/** One value by its name; `storage` is asked each time, because reading the property may throw. */
export function kept<Value>(
  { consent, ids }: Pick<Tracker, 'consent' | 'ids'>,
  storage: () => Storage,
  what: string,
): Kept<Value> {
  const name = KEPT + what;
  // Who has no id is measured without cookies: nothing of theirs is stored.
  const mayStore = () => consent.status() === 'granted' && ids().visitorId !== undefined;
  const write = (value?: Value) => {
    const isStored = quietly(() => {
      if (!mayStore()) return storage().removeItem(name);
      storage().setItem(name, JSON.stringify(value));
      return true;
    });
    // What is stored has no copy: it would survive what deletes the original. A server has many visitors
    // and one memory: nothing stays there.
    if (isStored || consent.status() === 'denied' || typeof window === 'undefined') memory.delete(name);
    else memory.set(name, value);
  };
  return {
    read() {
      if (consent.status() === 'denied') write();
      // What is not there is null, also as JSON.
      return quietly(() => JSON.parse(storage().getItem(name) as string)) ?? (memory.get(name) as Value);
    },
    write,
  };
}
