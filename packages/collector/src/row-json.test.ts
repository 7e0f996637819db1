import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnsJson, rowJson } from './row-json.ts';
import { aRow } from './testing/rows.ts';

test('reads back as it was, without what is undefined', () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('"', '\\', '\u2028', '\ud800', '\0'),
  );
  const columns = fc.record(
    {
      title: text,
      query: text,
      name: fc.constant(undefined),
      position: fc.nat(),
      visible_ratio: fc.double({ min: 0, max: 1, noNaN: true }),
      props: fc.dictionary(text, fc.oneof(text, fc.integer(), fc.constant(null))),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(columns, columns, (some, others) => {
      const json = rowJson(columnsJson(aRow()), columnsJson(some), columnsJson(others));
      const plain = JSON.stringify({ ...some, ...others });
      expect(JSON.parse(json)).toMatchObject(JSON.parse(plain));
      expect(json).not.toMatch(/[\n\r]/);
    }),
    { numRuns: 2_000 },
  );
});
