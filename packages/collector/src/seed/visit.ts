import type { Batch, Interaction, InteractionType } from '@turnout/schema/wire';
import type { SeedEvent } from './program.ts';
import type { Random } from './random.ts';

type Details = Partial<Omit<Interaction, 'id' | 'type' | 'occurred_at'>>;

/** One visit to a made-up site: what a fan sees, opens, wants and sometimes buys, as one batch. */
export function createVisit(
  random: Random,
  program: readonly SeedEvent[],
  visitor: string,
  start: number,
): Batch {
  const interactions: Interaction[] = [];
  let clock = start;
  const record = (type: InteractionType, details: Details, afterMs = random.int(800, 9_000)) => {
    clock += afterMs;
    interactions.push({ id: random.uuid(), type, occurred_at: clock, context: 0, ...details });
  };

  record('page_view', { entity_type: 'page', entity_id: '/' }, 0);
  const list = random.chance(0.25) ? search(random, program, record) : popular(random, program);
  const surface = list.surface;
  for (const [position, event] of list.events.entries()) {
    record('impression', {
      ...about(event, surface),
      position,
      list_id: surface,
      visible_ratio: 1,
      duration_ms: 1_000,
    });
    // Interest falls with the place in the list and with the price.
    if (random.chance(0.35 / (1 + position * 0.3))) open(random, event, surface, position, record);
  }
  return {
    batch_id: random.uuid(),
    sdk: 'seed/1',
    visitor_id: visitor,
    session_id: random.uuid(),
    contexts: [{ page_url: 'https://venue.example/', page_path: '/', title: 'What is on' }],
    interactions,
  };
}

type Record = (type: InteractionType, details: Details, afterMs?: number) => void;

function about(event: SeedEvent, surface: string): Details & { props: NonNullable<Interaction['props']> } {
  return {
    entity_type: 'event',
    entity_id: event.id,
    surface,
    props: {
      artist_id: event.artistId,
      artist_name: event.artistName,
      venue_id: event.venueId,
      venue_name: event.venueName,
      genre: event.genre,
      event_date: event.date,
      price_min: event.priceMin,
      price_max: event.priceMax,
      feed_type: 'personalized',
    },
  };
}

function popular(random: Random, program: readonly SeedEvent[]) {
  // Squaring draws towards the front, where the best sellers are.
  const events = Array.from(
    { length: random.int(4, 9) },
    () => program[Math.floor(random.next() ** 2 * program.length)] as SeedEvent,
  );
  return { surface: 'feed', events: [...new Set(events)] };
}

function search(random: Random, program: readonly SeedEvent[], record: Record) {
  const wanted = random.pick(program);
  const events = program.filter(({ genre }) => genre === wanted.genre).slice(0, 6);
  record('search', {
    query: wanted.genre,
    search_id: random.uuid(),
    surface: 'search',
    props: { search_type: 'events', result_count: events.length, has_results: true },
  });
  return { surface: 'search', events };
}

function open(random: Random, event: SeedEvent, surface: string, position: number, record: Record): void {
  const { props, ...entity } = about(event, surface);
  const viewId = random.uuid();
  const seconds = random.int(3, 90);
  record('click', { ...entity, position, props });
  record('view', { ...entity, surface: 'event_modal', view_id: viewId, part: 0, props }, 300);
  if (random.chance(0.3)) record('interest', { ...entity, surface: 'event_modal', props });
  if (random.chance(0.08))
    record('follow', { entity_type: 'artist', entity_id: event.artistId, surface: 'event_modal' });
  if (random.chance(0.06))
    record('share', { ...entity, surface: 'event_modal', props: { ...props, platform: 'copy_link' } });
  if (random.chance(0.03))
    record('review', { ...entity, surface: 'event_modal', props: { ...props, rating: random.int(2, 6) } });
  record(
    'view',
    { ...entity, surface: 'event_modal', view_id: viewId, part: 1, duration_ms: seconds * 1000, props },
    seconds * 1000,
  );
  if (random.chance(0.35)) buy(random, event, record);
}

function buy(random: Random, event: SeedEvent, record: Record): void {
  const { props, ...entity } = about(event, 'event_modal');
  record('ticket_click', {
    ...entity,
    props: { ...props, ticket_url: `https://tickets.example/${event.id}`, ticket_provider: 'box-office' },
  });
  if (!random.chance(0.4)) return;
  const quantity = random.pick([1, 2, 2, 2, 4]);
  record(
    'purchase',
    {
      ...entity,
      surface: 'checkout',
      value: event.priceMin * quantity,
      quantity,
      order_id: random.uuid(),
      props,
    },
    random.int(30_000, 180_000),
  );
}
