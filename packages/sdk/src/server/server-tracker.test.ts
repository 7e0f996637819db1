// biome-ignore lint/style/noRestrictedImports: tests hold what we send against the collector's own schemas.
import { batchSchema, interactionSchema } from '@turnout/schema';
import { type Batch, MAX_BODY_BYTES } from '@turnout/schema/wire';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createServerTracker, type ServerProblem } from './server-tracker.ts';

const network = setupServer();
beforeAll(() => network.listen({ onUnhandledRequest: 'error' }));
afterEach(() => {
  network.resetHandlers();
  vi.useRealTimers();
});
afterAll(() => network.close());

type Answer = (batch: Batch, n: number) => Response | Promise<Response>;
const accept: Answer = ({ interactions }) =>
  HttpResponse.json({ accepted: interactions.length, rejected: [] }, { status: 202 });

function aServer(answer: Answer = accept) {
  const attempts: { batch: Batch; text: string; attempt: number; key: string | null; at: number }[] = [];
  network.use(
    http.post('https://stats.example.com/v1/interactions', async ({ request }) => {
      const { searchParams } = new URL(request.url);
      const text = await request.text();
      const batch: Batch = JSON.parse(text);
      for (const interaction of batch.interactions) interactionSchema.parse(interaction);
      batchSchema.parse(batch);
      const attempt = Number(searchParams.get('attempt'));
      attempts.push({ batch, text, attempt, key: searchParams.get('key'), at: Date.now() });
      return answer(batch, attempts.length - 1);
    }),
  );
  const problems: ServerProblem[] = [];
  const tracker = (options = {}) =>
    createServerTracker({
      endpoint: 'https://stats.example.com/',
      key: 'wk_demo',
      flushAfterMs: 600_000,
      onError: (problem) => problems.push(problem),
      ...options,
    });
  return {
    attempts,
    problems,
    tracker,
    interactions: () => attempts.flatMap(({ batch }) => batch.interactions),
  };
}

const who = { userId: 'user_1' };

test('sends one batch for each person, with a session for each day', async () => {
  const { attempts, tracker } = aServer();
  const { track, flush } = tracker({ env: 'staging' });
  const occurredAt = new Date(Date.now() - 86_400_000);

  track('purchase', { ...who, entity: 'event:42', orderId: 'o-1', value: 49.5, currency: 'USD' });
  track('ticket_scan', { visitorId: 'v-1', entity: 'event:42' });
  track('refund', { ...who, orderId: 'o-0', value: 10, currency: 'USD' });
  track('attendance', { ...who, occurredAt, entity: 'event:41' });
  track('attendance', { ...who, sessionId: '01a1fdd2-ebb3-7000-8045-dd6893948910' });

  expect(await flush()).toEqual({ accepted: 5, rejected: 0, waiting: 0 });
  expect(attempts.map(({ batch }) => batch.interactions.map(({ type, name }) => name ?? type))).toEqual([
    ['purchase', 'refund'],
    ['ticket_scan'],
    ['attendance'],
    ['attendance'],
  ]);
  expect(attempts[0]).toMatchObject({
    key: 'wk_demo',
    attempt: 0,
    batch: {
      sdk: 'server/0.1.0',
      env: 'staging',
      user_id: 'user_1',
      interactions: [{ entity_type: 'event', entity_id: '42', order_id: 'o-1', value: 49.5 }, {}],
    },
  });
  expect(attempts[2]?.batch.interactions[0]?.occurred_at).toBe(occurredAt.getTime());
  expect(new Set(attempts.map(({ batch }) => batch.session_id)).size).toBe(4);
  expect(attempts[3]?.batch.session_id).toBe('01a1fdd2-ebb3-7000-8045-dd6893948910');
});

test('derives the same id and session from the same idempotency key, in any process', async () => {
  const { attempts, tracker, interactions } = aServer();
  const details = { ...who, occurredAt: new Date(Date.now() - 3_600_000), idempotencyKey: 'evt_1' };

  for (const process of [tracker(), tracker()]) {
    process.track('waitlist_offer', details);
    await process.flush();
  }
  const other = tracker();
  other.track('waitlist_offer', { ...details, idempotencyKey: 'evt_2' });
  other.track('waitlist_accept', details);
  await other.flush();

  const [first, again, ...others] = interactions().map(({ id }) => id);
  expect(first).toBe(again);
  expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new Set([first, ...others]).size).toBe(3);
  expect(attempts[0]?.batch.session_id).toBe(attempts[1]?.batch.session_id);
  // Only what may have come before is looked up among what is stored.
  expect(attempts.map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
});

test('takes what one webhook says of several people and things for as many', async () => {
  const { tracker, interactions } = aServer();
  const { track, flush } = tracker();
  const webhook = { occurredAt: new Date(), idempotencyKey: 'evt_1' };

  track('attendance', { ...webhook, userId: 'user_1', entity: 'event:1' });
  track('attendance', { ...webhook, userId: 'user_2', entity: 'event:1' });
  track('attendance', { ...webhook, visitorId: 'user_2', entity: 'event:1' });
  track('attendance', { ...webhook, userId: 'user_1', entity: 'event:2' });
  track('badge_scan', { ...webhook, userId: 'user_1', entity: 'event:2' });
  track('drink_buy', { ...webhook, userId: 'user_1', entity: 'event:2' });
  await flush();

  expect(new Set(interactions().map(({ id }) => id)).size).toBe(6);
});

test('tries again with the same bytes until the collector has them', async () => {
  const { attempts, tracker, problems } = aServer((batch, n) =>
    n === 0 ? HttpResponse.error() : n === 1 ? new HttpResponse('busy', { status: 503 }) : accept(batch, n),
  );
  const { track, flush } = tracker();
  track('purchase', { ...who, orderId: 'o-1' });

  expect(await flush()).toEqual({ accepted: 1, rejected: 0, waiting: 0 });

  expect(attempts.map(({ attempt }) => attempt)).toEqual([0, 1, 2]);
  expect(new Set(attempts.map(({ text }) => text)).size).toBe(1);
  expect(problems).toEqual([]);
});

test('waits as long as Retry-After says', async () => {
  const { attempts, tracker } = aServer((batch, n) =>
    n ? accept(batch, n) : new HttpResponse(null, { status: 429, headers: { 'retry-after': '1' } }),
  );
  const { track, flush } = tracker();
  track('like', who);

  await flush();

  const [first, second] = attempts.map(({ at }) => at);
  expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(990);
});

test('keeps what a flush could not deliver, for the next one, and says so', async () => {
  let isDown = true;
  const { attempts, problems, tracker } = aServer((batch, n) =>
    isDown ? new HttpResponse('down', { status: 500 }) : accept(batch, n),
  );
  const { track, flush } = tracker({ flushWithinMs: 0 });
  track('like', who);

  expect(await flush()).toEqual({ accepted: 0, rejected: 0, waiting: 1, error: '500 down' });
  expect(problems).toEqual([
    {
      kind: 'unreachable',
      count: 1,
      message: '1 interactions wait, because https://stats.example.com did not take them: 500 down',
    },
  ]);
  isDown = false;
  track('save', who);
  await expect.poll(async () => (await flush()).waiting, { timeout: 60_000 }).toBe(0);

  expect(attempts.at(-1)?.batch.interactions[0]?.type).toBe('save');
  expect(new Set(attempts.slice(0, -1).map(({ text }) => text)).size).toBe(1);
});

test('sends by itself after a while', async () => {
  const { tracker, interactions } = aServer();

  tracker({ flushAfterMs: 5 }).track('like', who);

  await expect.poll(() => interactions().length).toBe(1);
});

test('passes on what the collector rejects, and gives up what it refuses', async () => {
  const { problems, tracker } = aServer((batch, n) => {
    if (n) return new HttpResponse('no batch', { status: 400 });
    const id = batch.interactions[0]?.id ?? null;
    return HttpResponse.json(
      { accepted: 1, rejected: [{ index: 0, id, code: 'invalid', message: 'Not so.' }] },
      { status: 202 },
    );
  });
  const { track, flush } = tracker();

  track('like', who);
  track('save', who);
  expect(await flush()).toEqual({ accepted: 1, rejected: 1, waiting: 0 });
  track('share', who);
  expect(await flush()).toEqual({ accepted: 0, rejected: 1, waiting: 0 });

  expect(problems.map(({ kind, message }) => [kind, message])).toEqual([
    ['rejected', expect.stringMatching(/^The collector rejected [0-9a-f-]{36} \(invalid\): Not so\.$/)],
    ['rejected', 'The collector refused a batch of 1: 400 no batch. They are given up.'],
  ]);
});

test('keeps what is refused for its key, and tries it again after a minute', async () => {
  const { attempts, tracker } = aServer(() => new HttpResponse('no such key', { status: 401 }));
  const { track, flush } = tracker();
  track('like', who);

  expect(await flush()).toMatchObject({ waiting: 1, error: '401 no such key' });
  expect(await flush()).toMatchObject({ waiting: 1 });

  expect(attempts).toHaveLength(1);
});

test('stays within the limits of a batch, and halves what is still too large', async () => {
  const { attempts, tracker, interactions } = aServer((batch, n) =>
    batch.interactions.length > 400 ? new HttpResponse(null, { status: 413 }) : accept(batch, n),
  );
  const { track, flush } = tracker();
  const text = 'x'.repeat(1_000);

  for (let n = 0; n < 1_200; n++) track('like', { ...who, props: { n, text } });

  expect(await flush()).toEqual({ accepted: 1_200, rejected: 0, waiting: 0 });
  for (const attempt of attempts) expect(attempt.text.length).toBeLessThan(MAX_BODY_BYTES);
  const delivered = attempts.filter(({ batch }) => batch.interactions.length <= 400);
  const numbers = delivered.flatMap(({ batch }) => batch.interactions.map(({ props }) => props?.n));
  expect(new Set(numbers).size).toBe(1_200);
  expect(numbers).toHaveLength(1_200);
  expect(interactions().length).toBeGreaterThan(1_200);
});

test('takes no more than fits, and tells the collector how many it dropped', async () => {
  const { attempts, problems, tracker } = aServer();
  const { track, flush } = tracker({ maxWaiting: 2 });

  const taken = Array.from({ length: 5 }, () => track('like', who));
  await flush();
  track('like', who);
  await flush();

  expect(taken).toEqual([true, true, false, false, false]);
  expect(attempts.map(({ batch }) => batch.dropped)).toEqual([3, undefined]);
  expect(problems[0]).toEqual({
    kind: 'full',
    count: 1,
    message: 'track("like"): 2 interactions wait already, this one is dropped.',
  });
});

test.each<[string, unknown, string]>([
  ['nobody', {}, 'it needs a "userId" or a "visitorId"'],
  ['no details', undefined, 'its details cannot be read'],
  ['no date', { ...who, occurredAt: 'yesterday' }, '"occurredAt" cannot be yesterday. Pass a Date'],
  ['an empty key', { ...who, occurredAt: 0, idempotencyKey: '' }, '"idempotencyKey" cannot be'],
])('takes no interaction with %s, and says why', async (_, details, message) => {
  const { attempts, problems, tracker } = aServer();
  const { track, flush } = tracker();

  expect(track('like', details as never)).toBe(false);
  expect(await flush()).toEqual({ accepted: 0, rejected: 0, waiting: 0 });

  expect(problems).toEqual([{ kind: 'invalid', count: 1, message: expect.stringContaining(message) }]);
  expect(attempts).toEqual([]);
});

test('flushes a last time when it is closed, and bears an onError that throws', async () => {
  const { tracker, interactions } = aServer();
  const { track, close } = tracker({
    onError: () => {
      throw new Error('of the site');
    },
  });
  track('like', who);

  expect(await close()).toMatchObject({ accepted: 1 });
  expect(track('save', who)).toBe(false);

  expect(interactions()).toHaveLength(1);
});

test('throws for wrong options only', () => {
  expect(() => createServerTracker({ endpoint: '/t', key: 'wk_demo' })).toThrow(
    'createServerTracker: "endpoint" cannot be "/t". Pass the address of your collector',
  );
  expect(() => createServerTracker({ endpoint: 'https://stats.example.com', key: '' })).toThrow(
    'createServerTracker: "key" cannot be "". Pass the write key of your site',
  );
});
