import { type Salts, saltDay } from '../pseudonym.ts';
import type { WriterNamespace } from './bindings.ts';
import type { Counts } from './counts.ts';
import type { Outcome, WriterState } from './writer-object.ts';

/** The one writer, from wherever a worker runs. */
export interface WriterClient {
  /** @param entries - The text of messages. @throws Error when it is not certain that they are stored. */
  store(entries: string): Promise<Outcome>;
  salt: Salts;
  state(): Promise<WriterState>;
  counts(): Promise<Counts>;
  repaired(): Promise<void>;
}

/** Every worker of a deployment speaks with the same object: one writer, one order. */
const NAME = 'writer';

/** Asks one object of the class `TurnoutWriter`. */
export async function askObject<Answer>(
  namespace: WriterNamespace,
  name: string,
  path: string,
  body?: string,
): Promise<Answer> {
  const object = namespace.get(namespace.idFromName(name) as never);
  const response = await object.fetch(`https://writer${path}`, {
    method: 'POST',
    ...(body === undefined ? {} : { body }),
  });
  const answer = (await response.json()) as Answer & { error?: string };
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

export function writerAt(namespace: WriterNamespace, now: () => number = Date.now): WriterClient {
  const ask = <Answer>(path: string, body?: string) => askObject<Answer>(namespace, NAME, path, body);
  const salts = new Map<string, string>();
  return {
    store: (entries) => ask('/store', entries),
    async salt(asked) {
      // By the day whose salt it is: kept by what was asked for, today's would serve a wrong clock tomorrow, too.
      const { day, oldest } = saltDay(asked, now());
      for (const old of salts.keys()) if (old < oldest) salts.delete(old);
      const known = salts.get(day);
      if (known !== undefined) return known;
      const { salt } = await ask<{ salt: string }>(`/salt?day=${day}`);
      salts.set(day, salt);
      return salt;
    },
    state: () => ask('/state'),
    counts: () => ask('/counts'),
    repaired: () => ask('/repaired'),
  };
}
