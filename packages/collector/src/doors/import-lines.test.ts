import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anApp, FUZZ_CASES, NOW, venue } from '../testing/app.ts';
import { importLines } from './import-lines.ts';

const DAY_MS = 86_400_000;

async function imported(...lines: unknown[]) {
  const collector = anApp();
  const texts = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
  const answer = await importLines(collector.dependencies, venue, texts);
  return { ...collector, answer };
}

const aLine = (more: object = {}) => ({
  id: 'old-1',
  type: 'click',
  occurred_at: '2024-05-01T20:00:00Z',
  visitor_id: 'ann',
  entity_type: 'event',
  entity_id: '42',
  ...more,
});

test('takes an interaction of years ago with whose it is and where it was', async () => {
  const { answer, rows, entries } = await imported(
    aLine({
      user_id: 7,
      session_id: 's1',
      page_url: 'https://v.example/e',
      utm_source: 'mail',
      user_agent:
        'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15',
      query: null,
      props: { genre: 'jazz' },
    }),
  );

  expect(answer).toEqual({ accepted: 1, rejected: [] });
  expect(entries()[0]?.kind).toBe('d');
  expect(rows()).toMatchObject([
    {
      site_id: 'venue',
      type: 'click',
      ts: '2024-05-01 20:00:00.000',
      user_key: 'u:7',
      visitor_id: 'ann',
      session_id: 's1',
      page_url: 'https://v.example/e',
      utm_source: 'mail',
      genre: 'jazz',
      browser: 'Safari',
      sdk: 'import',
    },
  ]);
});

test.each([
  '2026-04-20T10:00:00', // In whose zone?
  '2026-02-30T10:00:00Z',
  '2026-04-20',
  'Apr 20, 2026 10:00',
  '2026-04-20T25:00:00Z',
])('guesses no time from %s', async (occurred_at) => {
  const { answer, rows } = await imported(aLine({ occurred_at }), aLine({ occurred_at: NOW - DAY_MS }));

  expect(rows()).toHaveLength(1);
  expect(answer.rejected).toMatchObject([
    { index: 0, code: 'invalid', message: expect.stringContaining('ISO 8601 with a time zone') },
  ]);
});

test.each([
  ['2026-04-20T10:00:00Z', '2026-04-20 10:00:00.000'],
  ['2026-04-20T10:00+0200', '2026-04-20 08:00:00.000'],
  ['2026-04-20T23:30:00.123456-05:30', '2026-04-21 05:00:00.123'],
  ['2024-06-29T10:00:00Z', '2024-06-29 10:00:00.000'],
])('reads %s', async (occurred_at, ts) => {
  const { rows } = await imported(aLine({ occurred_at }));

  expect(rows()).toMatchObject([{ ts }]);
});

test('refuses what raw would forget at once', async () => {
  const { answer, rows } = await imported(
    aLine({ id: 'a', occurred_at: '2024-04-01T19:59:59Z' }),
    aLine({ id: 'b', occurred_at: '2024-04-01T20:00:01Z' }),
  );

  expect(rows()).toHaveLength(1);
  expect(answer.rejected).toMatchObject([
    { index: 0, code: 'time_out_of_range', message: expect.stringContaining('rows are kept for 25 months') },
  ]);
});

test('takes lines that are whole batches', async () => {
  const interaction = { id: crypto.randomUUID(), type: 'click', occurred_at: NOW - 400 * DAY_MS };
  const batch = {
    batch_id: crypto.randomUUID(),
    visitor_id: 'ann',
    session_id: 's',
    interactions: [interaction, { ...interaction, type: 'teleport' }],
  };

  const { answer, rows } = await imported(batch, '', { interactions: [] }, aLine());

  expect(rows().map(({ id }) => id)).toContain(interaction.id);
  expect(answer).toMatchObject({
    accepted: 2,
    rejected: [
      { index: 0, code: 'unknown_type' },
      { index: 2, code: 'invalid', message: expect.stringContaining('batch_id') },
    ],
  });
});

test('names a line by its id, and one without an id by all that it says', async () => {
  const uuid = crypto.randomUUID();
  const { rows } = await imported(
    aLine(),
    aLine(),
    aLine({ id: 'old-2' }),
    aLine({ id: uuid }),
    aLine({ id: undefined }),
    aLine({ id: undefined }),
    aLine({ id: undefined, position: 1 }),
  );

  expect(rows()).toHaveLength(5);
  expect(rows().map(({ id }) => id)).toContain(uuid);
});

test.each([
  ['{"type":', 'invalid', 'no JSON'],
  ['17', 'invalid', 'JSON object'],
  [aLine({ visitor_id: undefined }), 'invalid', 'Nobody did it'],
  [aLine({ visitor_id: { a: 1 } }), 'invalid', '"visitor_id"'],
  [aLine({ visitor_id: 'x'.repeat(201) }), 'invalid', '"visitor_id"'],
  [
    JSON.stringify(aLine()).replace('{', `{"env":${'['.repeat(20_000)}${']'.repeat(20_000)},`),
    'invalid',
    '"env"',
  ],
  [aLine({ occurred_at: 'once' }), 'invalid', '"occurred_at"'],
  [aLine({ occurred_at: '1999-01-01T00:00:00Z' }), 'time_out_of_range', ''],
  [aLine({ type: 'teleport' }), 'unknown_type', ''],
])('rejects %j, says why, and takes its neighbours', async (line, code, message) => {
  const { answer, rows, rejected } = await imported(aLine({ id: 'a' }), line, aLine({ id: 'b' }));

  expect(answer).toMatchObject({
    accepted: 2,
    rejected: [{ index: 1, code, message: expect.stringContaining(message) }],
  });
  expect(rows()).toHaveLength(2);
  expect(rejected()).toHaveLength(1);
});

test('answers any lines without an error of its own, and never loses a neighbour', async () => {
  const { json } = fc.letrec<{ json: unknown }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(null, true, '', 'ann', -1, NOW, '2024-01-01', '__proto__'),
      fc.double({ noNaN: true }),
      fc.string(),
      fc.array(tie('json'), { maxLength: 4 }),
      fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), tie('json'), { maxKeys: 4 }),
    ),
  }));
  const name = fc.constantFrom(
    'id',
    'visitor_id',
    'user_id',
    'session_id',
    'sdk',
    'env',
    'context',
    'props',
    'page_url',
    'user_agent',
    'occurred_at',
    'interactions',
    'contexts',
    'batch_id',
  );
  const nearly = fc.tuple(name, json).map(([field, value]) => aLine({ [field]: value }));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(json, nearly), { maxLength: 6 }), async (lines) => {
      const { rows, answer, errors } = await imported(
        ...lines.map((line) => JSON.stringify(line)),
        aLine({ id: 'the good one', position: 77 }),
      );

      expect(errors).toEqual([]);
      expect(rows().filter(({ position }) => position === 77)).toHaveLength(1);
      const isBatch = (line: unknown) =>
        typeof line === 'object' && line !== null && !Array.isArray(line) && 'interactions' in line;
      const single = lines.filter((line) => !isBatch(line)).length + 1;
      expect(answer.accepted + answer.rejected.length).toBeGreaterThanOrEqual(single);
    }),
    { numRuns: FUZZ_CASES * 0.2 },
  );
}, 600_000);
