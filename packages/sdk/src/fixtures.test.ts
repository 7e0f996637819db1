import type { Interaction } from '@turnout/schema/wire';
import { expect, test } from 'vitest';
import good from '../../schema/fixtures/good.json' with { type: 'json' };
import { freeze } from './batch.ts';
import { type Details, writeInteraction } from './interaction.ts';

/** Says in the words of the public API what a golden interaction says in the words of the wire. */
function detailsOf(wire: Interaction): Details {
  const { id: _, type: __, occurred_at: ___, context: ____, entity_type, entity_id, list_id, ...rest } = wire;
  const camel = Object.entries(rest).map(([name, value]) => [
    name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  return {
    ...Object.fromEntries(camel),
    ...(list_id !== undefined && { list: list_id }),
    ...(entity_id !== undefined && { entity: `${entity_type}:${entity_id}` }),
  };
}

// What only other senders say: servers without a visitor or entity id, and fields of the future.
const notOurs = ['without cookies', 'a waitlist', 'fields of a newer SDK'];
const fixtures = Object.entries(good as Record<string, Record<string, unknown>>).filter(
  ([name, batch]) => !notOurs.includes(name) && (batch.interactions as unknown[]).length > 0,
);

test.each(fixtures)('produces the golden batch "%s"', (_, golden) => {
  const {
    batch_id: __,
    dropped = 0,
    contexts = [{}],
    interactions,
    ...owner
  } = golden as Record<string, never> & {
    contexts?: unknown[];
    interactions: Interaction[];
    dropped?: number;
  };
  const waiting = interactions.map((interaction) => ({
    ...writeInteraction(interaction.type, detailsOf(interaction)),
    context: JSON.stringify(contexts[interaction.context ?? 0]),
    owner: JSON.stringify(owner),
  }));

  const [batch] = freeze(waiting, 'batch', dropped);

  expect(JSON.parse(batch?.body ?? '')).toEqual({
    ...owner,
    ...(dropped && { dropped }),
    batch_id: batch?.id,
    contexts,
    interactions: interactions.map((interaction) => ({
      ...interaction,
      id: expect.any(String),
      occurred_at: expect.any(Number),
      context: interaction.context ?? 0,
    })),
  });
});
