// biome-ignore lint/style/noRestrictedImports: what a site passes in debug mode.
import { defineCatalog } from '@turnout/schema';
import { expect, test } from 'vitest';
// biome-ignore lint/style/noRestrictedImports: what a site passes in debug mode.
import { z } from 'zod';
import { writeInteraction } from '../interaction.ts';
import { checkDetails } from './check-details.ts';

const catalog = defineCatalog({
  setlist_open: {
    description: 'Fan opened the setlist of an event',
    entity: ['event'],
    props: z.object({ songs: z.number().int() }),
  },
});

const check = (type: string, details: unknown = {}, own?: typeof catalog) =>
  checkDetails(type, details, JSON.parse(writeInteraction(type, details as never).text), own);

test('has nothing to say about what is right', () => {
  expect(
    check('ticket_click', {
      entity: 'event:42',
      list: undefined,
      position: 0,
      props: { ticket_url: 'https://tickets.example.com', ticket_provider: 'dice', price_min: 30 },
    }),
  ).toEqual([]);
  expect(check('setlist_open', { entity: 'event:42', props: { songs: 12 } }, catalog)).toEqual([]);
  expect(check('badge_open')).toEqual([]);
});

test.each<[string, unknown, string]>([
  [
    'an entity without a kind',
    { entity: '42' },
    'entity "42" left out: write it as kind:id, such as event:42',
  ],
  [
    'a detail by a name near another',
    { entityId: '42' },
    '"entityId" is no detail, and left out. Did you mean "entity"?',
  ],
  [
    'a detail in the words of the wire',
    { order_id: 'o' },
    '"order_id" is no detail, and left out. Did you mean "orderId"?',
  ],
  [
    'a detail of its own',
    { genre: 'jazz' },
    '"genre" is no detail, and left out. Facts of your own go into "props": { props: { genre: … } }',
  ],
  ['NaN', { value: Number.NaN }, '"value" left out: it is NaN, and the wire has finite numbers only'],
  ['a number as a text', { position: '3' }, '"position" is "3", but it must be a number'],
  ['a text that is a number', { surface: 3 }, '"surface" is 3, but it must be a text'],
  ['undo as a text', { undo: 'yes' }, '"undo" is "yes", but it must be true or false'],
  [
    'props that are a text',
    { props: 'jazz' },
    '"props" is "jazz", but it must be an object, such as { genre: \'jazz\' }',
  ],
  [
    'props that are too long',
    { props: { text: 'x'.repeat(8_000) } },
    'props.text left out: JSON cannot carry it (more than 8000 characters)',
  ],
  [
    'props that are too long together',
    { props: { one: 'x'.repeat(5_000), two: 'y'.repeat(5_000), genre: 'jazz' } },
    'props.two left out: all props together may have 8000 characters',
  ],
  [
    'one of the props that JSON cannot carry',
    { props: { genre: 'jazz', seats: 2n, city: undefined } },
    'props.seats left out: JSON cannot carry it (Do not know how to serialize a BigInt)',
  ],
  ['NaN in props', { props: { price: Number.NaN } }, 'props.price is NaN, and travels as null'],
  [
    'a function in props',
    { props: { title() {} } },
    'props.title is a function, and left out: pass what it returns',
  ],
  [
    'no object',
    'event:42',
    'the details are "event:42", but they must be an object, such as { entity: \'event:42\' }',
  ],
])('says what to write instead of %s', (_, details, problem) => {
  expect(check('like', details)).toEqual([problem]);
});

test('says which metadata a built-in type should carry', () => {
  expect(check('ticket_click', { entity: 'event:1', props: { ticket_provider: 'dice' } })).toEqual([
    'should carry ticket_url, price_range: reports need it. Pass it as a detail or in "props"',
  ]);
});

test('holds names and props against the catalogue of the site', () => {
  expect(check('setlst_open', {}, catalog)).toEqual([
    '"setlst_open" is not in the catalogue: did you mean "setlist_open"?',
  ]);
  expect(check('fireworks', {}, catalog)).toEqual(['"fireworks" is not in the catalogue. Add it there']);
  expect(check('setlist_open', { entity: 'event:1', props: { songs: 'twelve' } }, catalog)).toEqual([
    'should carry songs: reports need it. Pass it as a detail or in "props"',
  ]);
});

test('asks whether a name of your own is a slip of a built-in one', () => {
  expect(check('ticket_clik')).toEqual([
    'travels as a name of your own. If you meant "ticket_click", write that',
  ]);
});
