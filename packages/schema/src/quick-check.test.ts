import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import bad from '../fixtures/bad.json' with { type: 'json' };
import good from '../fixtures/good.json' with { type: 'json' };
import {
  batchSchema,
  contextSchema,
  interactionSchema,
  isPlainBatch,
  isPlainContext,
  isPlainInteraction,
} from './interactions.ts';
import { quickCheck } from './quick-check.ts';

/** `FUZZ_CASES=100000` for a thorough run. */
const numRuns = Number(process.env.FUZZ_CASES ?? 5_000);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether zod takes the value and gives it back as it is. */
const isPlainToZod = (schema: z.ZodType, value: unknown) => {
  const parsed = schema.safeParse(value);
  return parsed.success && isDeepStrictEqual(parsed.data, value);
};

const kinds = [
  ['batch', batchSchema, isPlainBatch],
  ['interaction', interactionSchema, isPlainInteraction],
  ['context', contextSchema, isPlainContext],
] as const;

const fixtures = [...Object.values(good), ...Object.values(bad).map(({ batch }) => batch)] as unknown[];
const interactions = fixtures.flatMap((batch) =>
  isRecord(batch) && Array.isArray(batch.interactions) ? batch.interactions : [],
);
const contexts = fixtures.flatMap((batch) =>
  isRecord(batch) && Array.isArray(batch.contexts) ? batch.contexts : [],
);

test.each([
  ['batch', fixtures],
  ['interaction', interactions],
  ['context', contexts],
] as const)('agrees with zod about each %s of the fixtures', (kind, values) => {
  const [, schema, isPlain] = kinds.find(([name]) => name === kind) ?? expect.unreachable();
  const records = values.filter(isRecord);

  expect(records.map((value) => isPlain(value))).toEqual(records.map((value) => isPlainToZod(schema, value)));
  expect(records.some((value) => isPlain(value))).toBe(true);
});

/** Whatever JSON holds, and what lies at the bounds of the fields. */
const anything = fc.oneof(
  fc.json({ maxDepth: 2 }).map((text) => JSON.parse(text) as unknown),
  fc.constantFrom(
    '', 'a', 'a'.repeat(50), 'a'.repeat(51), 'a'.repeat(200), 'a'.repeat(201), 'a'.repeat(2_000), 'a'.repeat(2_001),
    'USD', 'usd', 'event', 'Event', 'page', 'custom', 'click', 'granted', true, false, null, [], {}, { genre: 'jazz' },
    0, -0, -1, 0.5, 1, 65_535, 65_536, 86_400_000, 86_400_001, 4_294_967_295, 4_294_967_296, 4_102_444_800_000,
    4_102_444_800_001, 1e12, 1.0001e12, -1e12, 2 ** 53, 2 ** 53 - 1, 2 ** 70, 1.5, '\0', '\ud800',
    '019b7706-f400-7001-8a5c-5f3e00000001', '019B7706-F400-7001-8A5C-5F3E00000001', '00000000-0000-0000-0000-000000000000',
  ),
); // biome-ignore format: a list to scan, not to read line by line

test.each(kinds)('agrees with zod about any %s', (_, schema, isPlain) => {
  const samples = (
    schema === batchSchema ? fixtures : schema === interactionSchema ? interactions : contexts
  ).filter(isRecord);
  const names = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...Object.keys(schema.shape)) },
    { weight: 1, arbitrary: fc.constantFrom('mood', 'toString', 'constructor', '__proto__') },
  );
  const changes = fc.array(fc.tuple(names, fc.option(anything, { nil: undefined })), { maxLength: 4 });

  fc.assert(
    fc.property(fc.constantFrom(...samples), changes, (sample, changed) => {
      const text = JSON.stringify({ ...sample, ...Object.fromEntries(changed) });
      const value = JSON.parse(text) as Record<string, unknown>;
      expect(isPlain(value), text).toBe(isPlainToZod(schema, value));
    }),
    { numRuns },
  );
});

test('refuses a schema that it cannot test', () => {
  expect(() => quickCheck(z.object({ at: z.date() }), () => [])).toThrow('"at" is of a kind (date)');
  expect(() => quickCheck(z.object({ at: z.string().endsWith('x').trim().array() }), () => [])).toThrow(
    'array',
  );
});
