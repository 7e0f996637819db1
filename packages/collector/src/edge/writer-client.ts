import type { Salts } from '../pseudonym.ts';
import type { WriterNamespace } from './bindings.ts';
import type { Outcome, WriterState } from './writer-object.ts';

/** The one writer, from wherever a worker runs. */
export interface WriterClient {
  /** @param entries - The text of messages. @throws Error when it is not certain that they are stored. */
  store(entries: string): Promise<Outcome>;
  salt: Salts;
  state(): Promise<WriterState>;
  repaired(): Promise<void>;
}

/** Every worker of a deployment speaks with the same object: one writer, one order. */
const NAME = 'writer';

export function writerAt(namespace: WriterNamespace): WriterClient {
  async function ask<Answer>(path: string, body?: string): Promise<Answer> {
    const object = namespace.get(namespace.idFromName(NAME) as never);
    const response = await object.fetch(`https://writer${path}`, {
      method: 'POST',
      ...(body === undefined ? {} : { body }),
    });
    const answer = (await response.json()) as Answer & { error?: string };
    if (!response.ok) throw new Error(answer.error);
    return answer;
  }

  const salts = new Map<string, string>();
  return {
    store: (entries) => ask('/store', entries),
    async salt(day) {
      const known = salts.get(day);
      if (known !== undefined) return known;
      const { salt } = await ask<{ salt: string }>(`/salt?day=${encodeURIComponent(day)}`);
      // A few days are in use at a time; thrown away in the object, they must not live on here.
      if (salts.size >= MAX_SALTS) salts.clear();
      salts.set(day, salt);
      return salt;
    },
    state: () => ask('/state'),
    repaired: () => ask('/repaired'),
  };
}

const MAX_SALTS = 15;
