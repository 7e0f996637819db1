import { MAX_BATCH_BYTES, MAX_INTERACTIONS } from '@turnout/schema/wire';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Entry, freeze, thaw, type WaitingInteraction } from './batch.ts';

/** What a 413 makes of a batch. */
const split = (batch: Entry) =>
  freeze(thaw(batch, batch.attempt + 1), 'batch', batch.dropped, batch.bytes - 1);

let count = 0;
const aWaiting = (about: Partial<WaitingInteraction> = {}): WaitingInteraction => {
  const id = `id-${count++}`;
  return {
    id,
    at: count,
    text: JSON.stringify({ id, type: 'click', occurred_at: count }),
    context: '{"page_path":"/"}',
    owner: '{"sdk":"js/0","visitor_id":"v","session_id":"s"}',
    ...about,
  };
};

test('shares contexts by their place', () => {
  const [batch] = freeze([aWaiting(), aWaiting({ context: '{"page_path":"/b"}' }), aWaiting()], 'batch');

  const { contexts, interactions } = JSON.parse(batch?.body ?? '');
  expect(contexts).toEqual([{ page_path: '/' }, { page_path: '/b' }]);
  expect(interactions.map(({ context }: { context: number }) => context)).toEqual([0, 1, 0]);
});

test('gives each owner batches of their own', () => {
  const batches = freeze(
    [aWaiting(), aWaiting({ owner: '{"visitor_id":"w","session_id":"s"}' }), aWaiting()],
    'batch',
  );

  expect(batches.map(({ body, ids }) => [JSON.parse(body).visitor_id, ids.length])).toEqual([
    ['v', 2],
    ['w', 1],
  ]);
});

test('stays within the limits of the wire, in order, without a loss', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string({ unit: 'grapheme', maxLength: 4_000 }), fc.nat(3)), { maxLength: 60 }),
      (all) => {
        const waiting = all.map(([name, page]) => {
          const one = aWaiting({ context: JSON.stringify({ title: name.slice(0, 900), page }) });
          return { ...one, text: JSON.stringify({ ...JSON.parse(one.text), name }) };
        });
        const batches = freeze(waiting, 'batch');

        for (const { body, bytes } of batches) {
          expect(new TextEncoder().encode(body).length).toBe(bytes);
          expect(bytes).toBeLessThanOrEqual(MAX_BATCH_BYTES);
        }
        expect(batches.flatMap(({ ids }) => ids)).toEqual(waiting.map(({ id }) => id));
      },
    ),
    { numRuns: 50 },
  );
});

test('takes no more interactions than the wire does', () => {
  const batches = freeze(
    Array.from({ length: MAX_INTERACTIONS + 1 }, () => aWaiting({ text: '{"id":"x"}' })),
    'batch',
  );

  expect(Math.max(...batches.map(({ ids }) => ids.length))).toBeLessThanOrEqual(MAX_INTERACTIONS);
});

test('splits into halves with everything still in them', () => {
  const [batch] = freeze([aWaiting(), aWaiting({ context: '{"page_path":"/b"}' }), aWaiting()], 'batch');
  if (!batch) throw new Error('no batch');

  const halves = split(batch);

  const parsed = halves.map(({ body }) => JSON.parse(body));
  expect(halves.flatMap(({ ids }) => ids)).toEqual(batch.ids);
  expect(parsed.map(({ contexts }) => contexts)).toEqual([
    [{ page_path: '/' }, { page_path: '/b' }],
    [{ page_path: '/' }],
  ]);
  expect(parsed[0]).toMatchObject({ sdk: 'js/0', visitor_id: 'v', session_id: 's' });
  expect(new Set([batch, ...halves].map(({ id }) => id)).size).toBe(3);
});

test('tells of dropped interactions in one batch, also when that is split', () => {
  const batches = freeze([aWaiting(), aWaiting(), aWaiting({ owner: '{"visitor_id":"w"}' })], 'batch', 12);
  const [first] = batches;
  if (!first) throw new Error('no batch');

  const told = (all: typeof batches) => all.map(({ body, dropped }) => [JSON.parse(body).dropped, dropped]);
  const nothing = [undefined, 0];
  expect(told(batches)).toEqual([[12, 12], nothing]);
  expect(told(split(first))).toEqual([[12, 12], nothing]);
});
