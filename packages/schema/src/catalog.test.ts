import { expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { defineCatalog, missingMetadata } from './catalog.ts';
import { liveMusic } from './live-music.ts';
import { INTERACTION_TYPES, type Interaction } from './wire.ts';

const catalog = defineCatalog({
  ...liveMusic,
  setlist_open: {
    description: 'Fan opened the setlist of an event',
    entity: ['event'],
    props: z.object({
      songs: z.number().int(),
      source: z.enum(['modal', 'page']),
      fan: z.string().optional(),
    }),
    pii: ['fan'],
    version: 1,
  },
});

const anInteraction = (fields: Partial<Interaction>): Interaction => ({
  id: '019b7706-f400-7001-8a5c-5f3e00000001',
  type: 'click',
  occurred_at: 1_767_225_600_000,
  ...fields,
});
const missing = (fields: Partial<Interaction>) => missingMetadata(anInteraction(fields), catalog);
const event = { entity_type: 'event', entity_id: 'evt_42' };

test('describes every type of the wire', () => {
  expect(Object.keys(liveMusic).sort()).toEqual([...INTERACTION_TYPES].sort());
});

test('keeps the names and props of a catalogue in its type', () => {
  expectTypeOf<keyof typeof catalog>().toEqualTypeOf<keyof typeof liveMusic | 'setlist_open'>();
  expectTypeOf(catalog.setlist_open.entity).toEqualTypeOf<readonly ['event']>();
  expectTypeOf<z.output<typeof catalog.setlist_open.props>['songs']>().toEqualTypeOf<number>();
});

test('a name that cannot travel throws when the catalogue is defined', () => {
  expect(() => defineCatalog({ 'Setlist Open': { description: '' } })).toThrow(
    'defineCatalog: "Setlist Open" is no name for an interaction. Use at most 50 lower-case letters',
  );
});

test('a personal prop that does not exist throws when the catalogue is defined', () => {
  const props = z.object({ email: z.string() });

  expect(() => defineCatalog({ signup: { description: '', props, pii: ['mail'] } })).toThrow(
    '"signup" lists "mail" as personal, but its props have no such name. Use one of email.',
  );
});

test('a click on an event must say where, at which place, who plays and in which house', () => {
  expect(missing(event)).toEqual(['surface', 'position', 'artist_name', 'venue_name']);
  expect(
    missing({
      ...event,
      position: 0,
      surface: 'feed',
      props: { artist_name: 'The Larks', venue_name: 'Blue Room' },
    }),
  ).toEqual([]);
});

test('a click on anything else need not', () => {
  expect(missing({ entity_type: 'artist', entity_id: 'art_7' })).toEqual([]);
  expect(missing({})).toEqual([]);
});

test('an impression of an event must carry its feed, a search its results', () => {
  expect(missing({ ...event, type: 'impression', surface: 'feed', position: 1 })).toEqual(['feed_type']);
  expect(missing({ type: 'search', query: 'jazz' })).toEqual(['search_type', 'result_count']);
});

test('source stands for surface, one end of a price range for the range', () => {
  const props = {
    source: 'event_card',
    ticket_url: 'https://t.example',
    ticket_provider: 'dice',
    price_min: 25,
  };

  expect(missing({ ...event, type: 'ticket_click', props })).toEqual([]);
  expect(missing({ ...event, position: 1, props: { ...props, artist_name: 'A', venue_name: 'V' } })).toEqual(
    [],
  );
});

test('zero is there, an empty text and null are not', () => {
  const props = { search_type: '', result_count: 0 };

  expect(missing({ type: 'search', query: 'jazz', props })).toEqual(['search_type']);
  expect(missing({ type: 'search', query: 'jazz', props: { ...props, search_type: null } })).toEqual([
    'search_type',
  ]);
});

test('a kind that a type cannot be about is missing the right one; a kind of your own is welcome', () => {
  expect(missing({ type: 'friend_add', entity_type: 'venue', entity_id: 'ven_3' })).toEqual(['entity_type']);
  expect(missing({ type: 'friend_add', entity_type: 'band_member', entity_id: '7' })).toEqual([]);
});

test('props of a catalogued name are checked', () => {
  const custom = { type: 'custom', name: 'setlist_open' } as const;

  expect(missing({ ...custom, ...event, props: { songs: 12, source: 'modal' } })).toEqual([]);
  expect(missing({ ...custom, ...event, props: { songs: 1.5 } })).toEqual(['songs', 'source']);
  expect(missing({ ...custom, props: { songs: 12, source: 'page' } })).toEqual(['entity_type']);
});

test('a name that is not in the catalogue must carry nothing', () => {
  expect(missing({ type: 'custom', name: 'tab_change' })).toEqual([]);
  expect(missing({ type: 'custom', name: 'constructor' })).toEqual([]);
  expect(missing({ type: 'custom', name: 'search' })).toEqual([]);
});

test('a kind that every object answers to is like any other kind', () => {
  const missingOf = (entity_type: string) =>
    missingMetadata(anInteraction({ type: 'click', entity_type }), liveMusic);
  for (const entity_type of ['constructor', 'toString', '__proto__'])
    expect(missingOf(entity_type)).toEqual(missingOf('one of our own'));
});
