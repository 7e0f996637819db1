/**
 * Small texts that outlive a page: in the browser's storage where the visitor agreed, in memory while
 * nobody asked, nowhere after a refusal. Their names begin with `turnout:kept:`.
 */
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
  { consent }: Pick<Tracker, 'consent'>,
  storage: () => Storage,
  what: string,
): Kept<Value> {
  const name = `turnout:kept:${what}`;
  const write = (value?: Value) => {
    const status = consent.status();
    const isStored = quietly(() => {
      if (status === 'granted') storage().setItem(name, JSON.stringify(value));
      else storage().removeItem(name);
      return status === 'granted';
    });
    // What is stored has no copy: it would survive what deletes the original. A server has many visitors
    // and one memory: nothing stays there.
    if (isStored || status === 'denied' || typeof window === 'undefined') memory.delete(name);
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
