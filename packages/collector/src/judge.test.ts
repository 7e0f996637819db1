import fc from 'fast-check';
import { expect, test } from 'vitest';
import bad from '../../schema/fixtures/bad.json' with { type: 'json' };
import clock from '../../schema/fixtures/clock.json' with { type: 'json' };
import good from '../../schema/fixtures/good.json' with { type: 'json' };
import { judgeBatch } from './judge.ts';
import { demoSite, type Site } from './sites.ts';
import { toRow } from './testing/to-row.ts';
import { correctedTime, type Times } from './times.ts';
import { describeAgent } from './user-agent.ts';

const DAY_MS = 86_400_000;
const receivedAt = clock.received_at;
const times: Times = { receivedAt, sentAt: clock.sent_at };
const strictSite: Site = { ...demoSite, strict: true };

/** Refused whole with a status, or with the interactions listed; `field` is what the message names. */
interface Bad {
  batch: unknown;
  status?: number;
  field?: string;
  rejected?: { index: number; id: string | null; code: string; field: string }[];
}

const anInteraction = (fields: object = {}) => ({
  id: '019b7706-f400-7001-8a5c-5f3e00000001',
  type: 'page_view',
  occurred_at: receivedAt - 1_000,
  ...fields,
});
const aBatch = (interactions: unknown, fields: object = {}) => ({
  batch_id: '019b76da-a800-7002-8a5c-5f3e00000002',
  sdk: 'js/0.1.0',
  visitor_id: 'visitor-1',
  session_id: '019b7706-f3ff-7abc-9def-0123456789ab',
  interactions,
  ...fields,
});
const judged = (json: unknown, site = demoSite, at = times) => {
  const judgement = judgeBatch(json, site, at);
  if ('problem' in judgement) {
    throw new Error(judgement.problem);
  }
  return judgement;
};
const judgedProps = (props: string) => {
  const { accepted, rejected, warnings } = judged(aBatch([anInteraction({ props: JSON.parse(props) })]));
  return { props: accepted[0]?.interaction.props, message: rejected[0]?.message, warnings };
};

test.each(Object.entries(good))('accepts all of %s', (_, batch) => {
  const { accepted, rejected } = judged(batch);

  expect(rejected).toEqual([]);
  expect(accepted.map(({ index }) => index)).toEqual(batch.interactions.map((_, index) => index));
});

test.each(Object.entries<Bad>(bad))(
  'refuses what is wrong in "%s" and nothing else',
  (_, { batch, ...expected }) => {
    const judgement = judgeBatch(batch, demoSite, times);

    if ('problem' in judgement) {
      expect(judgement).toMatchObject({ status: expected.status });
      expect(judgement.problem).toContain(expected.field);
      return;
    }
    const { accepted, rejected } = judgement;
    expect(rejected.map(({ index, id, code }) => ({ index, id, code }))).toEqual(
      expected.rejected?.map(({ index, id, code }) => ({ index, id, code })),
    );
    for (const { field } of expected.rejected ?? []) {
      expect(rejected.map(({ message }) => message).join()).toContain(field);
    }
    expect(accepted.length + rejected.length).toBe(
      (batch as { interactions: unknown[] }).interactions.length,
    );
  },
);

test('a body that is no batch is told what a batch needs', () => {
  expect(judgeBatch({ hello: 1 }, demoSite, times)).toEqual({
    status: 400,
    problem:
      'This is no batch: "batch_id" is missing, but it must be a UUID: made when the batch was put together and ' +
      'kept on every retry; "interactions" is missing, but it must be a list of interactions.',
  });
});

test('a batch with too many interactions is too large', () => {
  expect(judgeBatch(aBatch(Array(1_001).fill(1)), demoSite, times)).toEqual({
    status: 413,
    problem: 'A batch holds at most 1000 interactions, not 1001: split it.',
  });
});

test('a batch has no more pages than it can have interactions', () => {
  const contexts = Array(1_001).fill({});

  expect(judgeBatch(aBatch([], { contexts }), demoSite, times)).toMatchObject({
    problem: expect.stringContaining('"contexts" is a list, but it must be a list of at most 1000 pages'),
  });
});

test('corrects a clock that is wrong by the clock it was sent with', () => {
  const aYearBehind = receivedAt - 365 * DAY_MS;
  const batch = aBatch([anInteraction({ occurred_at: aYearBehind - 1_000 })]);

  expect(judged(batch, demoSite, { receivedAt, sentAt: aYearBehind }).accepted).toHaveLength(1);
  expect(judged(batch, demoSite, { receivedAt, sentAt: undefined }).rejected[0]).toMatchObject({
    code: 'time_out_of_range',
    message: expect.stringContaining('14 days are accepted'),
  });
});

/** A batch id of version 7: its first 48 bits are when it was made. */
const aBatchIdOf = (ms: number) =>
  `${ms.toString(16).padStart(12, '0')}-7002-8a5c-5f3e00000002`.replace(/^.{8}/, '$&-');

test('takes what was frozen while the clock ran ahead for the time when it came', () => {
  const ahead = [400 * DAY_MS, 3_600_000, 5 * 60_000 + 1, 5 * 60_000, -1_000];
  const interactions = ahead.map((ms) => anInteraction({ occurred_at: receivedAt + ms }));
  const frozen = (atMs: number) => aBatch(interactions, { batch_id: aBatchIdOf(receivedAt + atMs) });

  const { batch, accepted, rejected, warnings } = judged(frozen(400 * DAY_MS));

  expect(rejected).toEqual([]);
  expect(warnings.get('clock_put_back')).toBe(3);
  expect(
    accepted.map(({ interaction }) => correctedTime(interaction.occurred_at, times, batch) - receivedAt),
  ).toEqual([0, 0, 0, 5 * 60_000, -1_000]);
  // Nobody records what is to come: that is a mistake, and is told.
  const rejectedOf = (json: object, at = times) =>
    judged(json, demoSite, at).rejected.map(({ index }) => index);
  expect(rejectedOf(frozen(400 * DAY_MS - 1))).toEqual([0]);
  expect(rejectedOf(frozen(0))).toEqual([0, 1, 2]);
  // So is whoever does not tell its clock, or gives batches ids that tell no time.
  expect(rejectedOf(frozen(400 * DAY_MS), { ...times, sentAt: undefined })).toEqual([0, 1, 2]);
  expect(rejectedOf(aBatch(interactions, { batch_id: 'ffffffff-ffff-4002-8a5c-5f3e00000002' }))).toEqual([
    0, 1, 2,
  ]);
});

test.each([
  ['fourteen days ago', -14 * DAY_MS, 1],
  ['a millisecond earlier', -14 * DAY_MS - 1, 0],
  ['five minutes ahead', 5 * 60_000, 1],
  ['a millisecond later', 5 * 60_000 + 1, 0],
])('judges %s to the millisecond', (_, offset, accepted) => {
  const batch = aBatch([anInteraction({ occurred_at: receivedAt + offset })]);

  expect(judged(batch).accepted).toHaveLength(accepted);
});

test('a bulk import brings years of history, but neither the future nor what raw has forgotten', () => {
  const at = { ...times, isBulk: true };
  const years = (count: number) => anInteraction({ occurred_at: receivedAt + count * 365 * DAY_MS });

  const { rejected } = judged(aBatch([years(-2), years(-3), years(1)]), demoSite, at);

  expect(rejected.map(({ index }) => index)).toEqual([1, 2]);
  expect(rejected[0]?.message).toContain('rows are kept for 25 months');
});

test('a sender whose clock makes no sense is refused, not crashed on', () => {
  for (const sentAt of [1e300, -1e300, Number.NaN]) {
    expect(judged(aBatch([anInteraction()]), demoSite, { receivedAt, sentAt }).rejected).toHaveLength(1);
  }
});

test('missing metadata is a warning, and a rejection where the site is strict', () => {
  const batch = aBatch([anInteraction({ type: 'search', query: 'jazz' }), anInteraction()]);

  expect(judged(batch).warnings).toEqual(new Map([['missing_metadata', 1]]));
  expect(judged(batch, strictSite)).toMatchObject({
    accepted: [{ index: 1 }],
    rejected: [
      {
        index: 0,
        code: 'missing_metadata',
        message:
          '"search" must carry search_type, result_count on this site. Send them as fields or in "props".',
      },
    ],
  });
});

test('unknown fields are left out and counted', () => {
  const { accepted, warnings } = judged(aBatch([anInteraction({ mood: 'calm' })], { region: 'eu' }));

  expect(accepted[0]?.interaction).not.toHaveProperty('mood');
  expect(warnings).toEqual(new Map([['unknown_field', 2]]));
});

test('lone surrogates and NUL leave every text', () => {
  const { batch, accepted } = judged(
    aBatch([anInteraction({ query: 'a\0b\ud83d', props: { 'k\0': ['\udc00x'] } })], {
      visitor_id: 'v\ud800',
      contexts: [{ title: 'T\0\udfff' }],
    }),
  );

  expect(accepted[0]?.interaction).toMatchObject({ query: 'ab\u{fffd}', props: { k: ['\u{fffd}x'] } });
  expect(batch).toMatchObject({ visitor_id: 'v\u{fffd}', contexts: [{ title: 'T\u{fffd}' }] });
});

test('keys that reach a prototype are dropped', () => {
  const { props, warnings } = judgedProps(
    '{"__proto__":{"isAdmin":true},"a":{"constructor":1,".__proto__":2,"b":3}}',
  );

  expect(JSON.stringify(props)).toBe('{"a":{"b":3,"___proto__":2}}');
  expect(({} as { isAdmin?: true }).isAdmin).toBeUndefined();
  expect(warnings.get('unsafe_key')).toBe(2);
});

test('dots in keys become underscores, the same ones in any order', () => {
  const { props, warnings } = judgedProps('{"a.b":1,"a_b":2,"a":{"b":3},"x.y.z":4,"x.y_z":5}');

  expect(props).toEqual({ a_b: 2, a_b_2: 1, a: { b: 3 }, x_y_z: 4, x_y_z_2: 5 });
  expect(warnings.get('renamed_key')).toBe(3);
  expect(judgedProps('{"x.y_z":5,"a":{"b":3},"a_b":2,"x.y.z":4,"a.b":1}').props).toEqual(props);
});

test('numbers that JavaScript rounds become text, numbers that no JSON holds are refused', () => {
  const { props, warnings } = judgedProps('{"id":12345678901234567890,"safe":9007199254740991}');

  expect(props).toEqual({ id: '12345678901234567000', safe: 9_007_199_254_740_991 });
  expect(warnings.get('rounded_number')).toBe(1);
  expect(judgedProps('{"a":[1e999]}').message).toBe(
    '"props" hold a number too large for JSON; send it as text.',
  );
});

test('a page that does not fit is cut, and its interactions live', () => {
  const contexts = [{ title: `${'x'.repeat(1_999)}🎸🎸`, viewport_width: 'wide', page_path: '/' }, 'no page'];

  const { batch, accepted, warnings } = judged(aBatch([anInteraction({ context: 1 })], { contexts }));

  expect(batch.contexts).toStrictEqual([{ title: `${'x'.repeat(1_999)}\u{fffd}`, page_path: '/' }, {}]);
  expect(accepted).toHaveLength(1);
  expect(warnings.get('invalid_context')).toBe(3);
});

test('keeps the text of what it rejects, cut and well-formed', () => {
  const { rejected } = judged(aBatch([{ type: 'tickt_click', query: '🎸'.repeat(4_000) }]));

  expect(rejected[0]?.text).toHaveLength(4_000);
  expect(rejected[0]?.text).toMatch(/^\{"type":"tickt_click","query":"🎸/u);
  expect(rejected[0]?.text).not.toMatch(/\p{Surrogate}/u);
});

test('survives JSON nested as deep as a body allows', () => {
  const deep = '['.repeat(200_000) + ']'.repeat(200_000);
  const bodies = [deep, `{"batch_id":${deep}}`];
  const interactions = JSON.parse(`[${deep},{"props":{"a":${deep}}},{"id":${deep}}]`);

  const { rejected } = judged(aBatch([...interactions, anInteraction({ props: { a: interactions[0] } })]));

  expect(rejected).toHaveLength(4);
  expect(rejected[0]?.text).toBe('"nested too deep to show"');
  expect(rejected[3]?.message).toBe('"props" nest deeper than 8 levels; flatten them.');
  for (const body of bodies) {
    expect(judgeBatch(JSON.parse(body), demoSite, times)).toMatchObject({ status: 400 });
  }
});

const keysOf = (value: unknown): string[] =>
  typeof value === 'object' && value !== null
    ? [...(Array.isArray(value) ? [] : Object.keys(value)), ...Object.values(value).flatMap(keysOf)]
    : [];
const textsOf = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value]
    : [
        ...keysOf(value),
        ...(typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : []),
      ];

const text = fc.string({
  unit: fc.oneof(fc.constantFrom('\0', '\ud800', '\udc00', '.', '_'), fc.string({ maxLength: 2 })),
});
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 10, withCrossShrink: true },
    fc.constantFrom(null, true, 0, -0, 1e300, Number.POSITIVE_INFINITY, 2 ** 53, '', '__proto__'),
    text,
    fc.double(),
    fc.array(tie('json'), { maxLength: 5 }),
    fc.dictionary(fc.oneof(text, fc.constantFrom('__proto__', 'a.b', 'a_b', 'constructor')), tie('json')),
  ),
}));
const interaction = fc.oneof(
  json,
  fc.record(
    {
      id: fc.oneof({ arbitrary: fc.uuid(), weight: 9 }, json),
      type: fc.oneof(
        { arbitrary: fc.constantFrom('click', 'purchase', 'custom', 'search'), weight: 9 },
        json,
      ),
      occurred_at: fc.oneof({ arbitrary: fc.constant(receivedAt - 5), weight: 9 }, json),
      name: fc.oneof(text, json),
      query: fc.oneof(text, json),
      order_id: text,
      value: fc.oneof(fc.double(), json),
      props: fc.oneof(fc.dictionary(text, json), json),
    },
    { requiredKeys: ['id', 'type', 'occurred_at'] },
  ),
);

test('whatever the JSON, it never throws, and each interaction is accepted or rejected', () => {
  const warn = () => {};
  fc.assert(
    fc.property(
      fc.array(interaction, { maxLength: 6 }),
      fc.array(json, { maxLength: 2 }),
      (sent, contexts) => {
        const { batch, accepted, rejected } = judged(aBatch(sent, { contexts }));

        const indexes = [...accepted, ...rejected].map(({ index }) => index).sort((a, b) => a - b);
        expect(indexes).toEqual(sent.map((_, index) => index));
        const facts = { ...times, site: demoSite, attempt: 0, userKey: '1', agent: describeAgent(''), warn };
        for (const each of accepted) {
          const row = toRow(each.interaction, batch, facts);
          expect(textsOf(row).filter((it) => /\0|\p{Surrogate}/u.test(it))).toEqual([]);
          expect(keysOf(row).filter((it) => it.includes('.') || it === '__proto__')).toEqual([]);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('whatever the body, it never throws', () => {
  fc.assert(
    fc.property(json, (body) => {
      expect(judgeBatch(body, demoSite, times)).toHaveProperty('problem');
    }),
  );
});

test.each([
  [4_133_980_800_000, 'That is in the year 2101: look at the clock that it comes from.'],
  [times.receivedAt * 1_000, 'It looks like microseconds: divide it by 1000.'],
  [Math.floor(times.receivedAt / 1_000), 'It looks like seconds: send milliseconds since 1970.'],
])('says of the time %i what it is', (occurred_at, message) => {
  const { rejected } = judged(aBatch([anInteraction({ occurred_at })]));

  expect(rejected[0]?.message).toContain(message);
});
