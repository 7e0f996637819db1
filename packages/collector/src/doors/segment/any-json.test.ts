import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anApp, FUZZ_CASES, NOW } from '../../testing/app.ts';
import { aTrack, at, basic } from './a-track.test-helper.ts';
import { EVENT_NAMES } from './event-names.ts';
import { SEGMENT_BATCHES, SEGMENT_CALLS } from './routes.ts';

/** JSON as anyone may send it, and now and then nearly a message. */
const loose = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, '', -1, 1e300, 'Order Completed', '__proto__', 'track'),
    fc.double({ noNaN: true }),
    fc.string(),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie('json'), { maxKeys: 4 }),
  ),
})).json;

const field = (...likely: unknown[]) =>
  fc.option(fc.oneof(fc.constantFrom(...likely), loose), { nil: undefined });

const message = fc.oneof(
  loose,
  fc.record({
    type: field('track', 'page', 'identify', 'group', 'alias', 'screen'),
    event: field(...Object.keys(EVENT_NAMES), 'ticket_click', 'mine'),
    messageId: field('a', 'b', 17),
    anonymousId: field('ann', 'bob'),
    userId: field('u1', 7),
    previousId: field('ann'),
    timestamp: field(at(0), at(-1_000), NOW),
    sentAt: field(at(10)),
    properties: field({ order_id: 'o', products: [{ sku: 's' }, null, 3] }, { price: 'x', currency: 'EUR' }),
    traits: field({ email: 'x', address: 3 }),
    context: field({ page: { url: 3 } }, { sessionId: 's' }),
    integrations: field({ Amplitude: null }, { Amplitude: { session_id: -1 } }),
  }),
);

test('answers any JSON without an error of its own, and never loses a neighbour', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(SEGMENT_CALLS), ...SEGMENT_BATCHES),
      fc.array(message, { maxLength: 5 }),
      async (path, messages) => {
        const { post, rows, counts, errors } = anApp();
        const good = aTrack('Good one', {}, { messageId: 'the good one', anonymousId: 'good' });
        const isBatch = (SEGMENT_BATCHES as readonly string[]).includes(path);
        const body = isBatch ? { batch: [...messages, good] } : messages[0];

        const response = await post(path, body === undefined ? 'null' : body, basic('wk_demo'));

        expect(errors).toEqual([]);
        expect([200, 400]).toContain(response.status);
        if (!isBatch) return;
        expect(rows().filter(({ name }) => name === 'Good one')).toHaveLength(1);
        // An order may be several interactions; nothing is less than one.
        expect(counts.accepted + counts.rejected).toBeGreaterThan(messages.length);
      },
    ),
    { numRuns: FUZZ_CASES * 0.4 },
  );
}, 600_000);
