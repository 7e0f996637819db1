/**
 * Small texts that outlive a page: in the browser's storage where the visitor agreed, in memory while
 * nobody asked, nowhere after a refusal. Names begin with `turnout:`, like all that the tracker stores.
 */
import { quietly } from './quietly.ts';
import type { Tracker } from './tracker.ts';

/** See {@link kept}. */
export interface Kept<Value> {
  read(): Value | undefined;
  /** `undefined` forgets. */
  write(value?: Value): void;
}

const memory = new Map<string, unknown>();

/** One value by its name; `storage` is asked each time, because reading the property may throw. */
export function kept<Value>(
  { consent }: Pick<Tracker, 'consent'>,
  storage: () => Storage,
  what: string,
): Kept<Value> {
  const name = `turnout:${what}`;
  return {
    read: () =>
      (quietly(() => JSON.parse(storage().getItem(name) ?? 'null')) as Value | null | undefined) ??
      (memory.get(name) as Value | undefined),
    write(value) {
      memory.delete(name);
      const status = consent.status();
      quietly(() => storage().removeItem(name));
      // A server has many visitors and one memory: nothing stays there.
      if (!value || status === 'denied' || typeof window === 'undefined') return;
      const isStored =
        status === 'granted' &&
        quietly(() => {
          storage().setItem(name, JSON.stringify(value));
          return true;
        });
      if (!isStored) memory.set(name, value);
    },
  };
}
