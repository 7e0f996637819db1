import { expect, expectTypeOf, test } from 'vitest';
import type { z } from 'zod';
import bad from '../fixtures/bad.json' with { type: 'json' };
import good from '../fixtures/good.json' with { type: 'json' };
import { explain } from './explain.ts';
import { batchSchema, type contextSchema, interactionSchema } from './interactions.ts';
import type { Batch, Interaction, PageContext } from './wire.ts';

/** A batch that is refused whole has a status; `field` is what the message names. */
interface Bad {
  batch: unknown;
  status?: number;
  field?: string;
}

const anInteraction = (fields: object = {}) => ({
  id: '019b7706-f400-7001-8a5c-5f3e00000001',
  type: 'click',
  occurred_at: 1_767_225_600_000,
  ...fields,
});

const explained = (fields: object) => {
  const value = anInteraction(fields);
  const { error } = interactionSchema.safeParse(value);
  return error ? explain(error, interactionSchema, value) : 'accepted';
};

test('the schemas and the interfaces of the wire are equal', () => {
  expectTypeOf<z.output<typeof interactionSchema>>().toExtend<Interaction>();
  expectTypeOf<Interaction>().toExtend<z.output<typeof interactionSchema>>();
  expectTypeOf<keyof z.output<typeof interactionSchema>>().toEqualTypeOf<keyof Interaction>();
  expectTypeOf<z.output<typeof contextSchema>>().toEqualTypeOf<PageContext>();
  expectTypeOf<Batch>().toExtend<z.output<typeof batchSchema>>();
  expectTypeOf<keyof z.output<typeof batchSchema>>().toEqualTypeOf<keyof Batch>();
});

test.each(Object.entries(good))('accepts %s', (_, batch) => {
  const envelope = batchSchema.parse(batch);

  expect(envelope.interactions).toHaveLength((batch as { interactions: unknown[] }).interactions.length);
  for (const interaction of envelope.interactions) {
    expect(interactionSchema.safeParse(interaction).error).toBeUndefined();
  }
});

test.each(Object.entries<Bad>(bad).filter(([, { status }]) => status === 400))(
  'refuses %s',
  (_, { batch, field }) => {
    const { error } = batchSchema.safeParse(batch);

    expect(error && explain(error, batchSchema, batch)).toContain(field);
  },
);

test('writes ids in lower case', () => {
  const id = 'F47AC10B-58CC-4372-A567-0E02B2C3D479';

  expect(interactionSchema.parse(anInteraction({ id })).id).toBe(id.toLowerCase());
});

test('leaves out what it does not know', () => {
  expect(interactionSchema.parse(anInteraction({ mood: 'calm' }))).not.toHaveProperty('mood');
});

test('lets a kind that says which one it is stand alone', () => {
  expect(explained({ type: 'scroll', entity_type: 'page' })).toBe('accepted');
  expect(explained({ type: 'scroll', entity_type: 'event' })).toBe(
    '"entity_id" is missing: say which event it was.',
  );
});

test('a message names the field, what it is and what it must be', () => {
  expect(explained({ position: '3' })).toBe(
    '"position" is "3", but it must be a whole number from 0 to 65535: its place in the list, from 0.',
  );
  expect(explained({ occurred_at: undefined })).toMatch(
    /^"occurred_at" is missing, but it must be a whole number/,
  );
  expect(explained({ type: 'custom' })).toMatch(/^"name" is missing/);
});

test('a message stays short and well-formed whatever was sent', () => {
  const fields = ['list_id', 'surface', 'view_id', 'order_id', 'variant'].map((field) => [
    field,
    '\ud800\n'.repeat(500),
  ]);

  const message = explained(Object.fromEntries(fields));

  expect(message.length).toBeLessThan(1_500);
  expect(message).toMatch(/and 2 more\.$/);
  expect(message).not.toMatch(/\p{Surrogate}|\n/u);
});

test('a message about no object at all says what it is', () => {
  const { error } = interactionSchema.safeParse([1]);

  expect(error && explain(error, interactionSchema, [1])).toBe('it is a list, and must be an object.');
});
