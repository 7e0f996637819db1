import type {} from '@vitest/browser-playwright'; // What a CDP session can do.
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { cdp } from 'vitest/browser';
import { createElementGroup } from './element-group.ts';
import { aCollector, cleanUp, startNetwork } from './fake-collector.ts';
import { inside } from './inside.ts';
import { createList } from './list.ts';
import type { Tracker } from './tracker.ts';

beforeAll(startNetwork);

let collector: ReturnType<typeof aCollector>;
let tracker: Tracker;
let list: HTMLElement;
beforeEach(() => {
  collector = aCollector();
  tracker = collector.tracker();
  list = document.body.appendChild(document.createElement('ul'));
});
afterEach(() => {
  list.remove();
  cleanUp();
});

function anItem(id: string, parent: Element = list): HTMLElement {
  const item = parent.appendChild(document.createElement('li'));
  item.id = id;
  return item;
}
const byId = (id: string) => document.getElementById(id) as HTMLElement;
async function recorded() {
  await tracker.flush();
  return collector.attempts.flatMap(({ batch }) => batch.interactions);
}

test('tells the place of an element as it is when something is recorded', async () => {
  const feed = createList(tracker, 'home-feed');
  for (const id of ['a', 'b', 'c']) {
    feed.observe(anItem(id), () => ({ entity: `event:${id}`, click: true }));
  }

  byId('c').click();
  list.prepend(byId('c'));
  byId('a').click();
  byId('c').remove();
  byId('a').click();
  byId('b').click();

  const rows = await recorded();
  expect(rows.map(({ entity_id, list_id, position }) => [entity_id, list_id, position])).toEqual([
    ['c', 'home-feed', 2],
    ['a', 'home-feed', 1],
    ['a', 'home-feed', 0],
    ['b', 'home-feed', 1],
  ]);
  expect(new Set(rows.map(({ props }) => props?.list_view_id)).size).toBe(1);
});

test('gives what is inside of an item the place of the item, and one entity one place', async () => {
  const feed = createList(tracker, 'home-feed');
  for (const id of ['a', 'b']) {
    const item = anItem(id);
    feed.observe(anItem(`${id}-artist`, item), () => ({ entity: `artist:${id}`, click: true }));
    feed.observe(item, () => ({ entity: `event:${id}`, impression: true }));
    feed.observe(anItem(`${id}-tickets`), () => ({ entity: `event:${id}`, click: true }));
  }

  for (const id of ['b-artist', 'a-tickets', 'b-tickets']) byId(id).click();

  expect((await recorded()).map(({ position }) => position)).toEqual([1, 0, 1]);
});

test('leaves out what has a place of its own or stands in another list', async () => {
  const feed = createList(tracker, 'home-feed');
  const carousel = createList(feed, 'artists');
  feed.observe(anItem('first'), () => ({ entity: 'event:1', list: 'ads', click: true }));
  carousel.observe(anItem('artist'), () => ({ entity: 'artist:1', click: true }));
  feed.observe(anItem('row'), () => ({ entity: 'event:2', click: true, position: 42 }));
  feed.observe(anItem('last'), () => ({ entity: 'event:3', click: true }));

  for (const id of ['first', 'artist', 'row', 'last']) byId(id).click();

  expect((await recorded()).map(({ list_id, position }) => [list_id, position])).toEqual([
    ['ads', undefined],
    ['artists', 0],
    ['home-feed', 42],
    ['home-feed', 1],
  ]);
});

test('remembers the place of what has left the document', async () => {
  const feed = createList(tracker, 'home-feed');
  const stops = ['a', 'b'].map((id) =>
    feed.observe(anItem(id), () => ({ entity: `event:${id}`, duration: { min: 0 } })),
  );
  await expect.poll(async () => (await recorded()).length).toBe(2);

  byId('b').remove();
  stops[1]?.();

  const closing = (await recorded()).find(({ part }) => part === 1);
  expect(closing).toMatchObject({ entity_id: 'b', position: 1 });
});

test('counts what was put aside and comes back', async () => {
  const feed = createList(tracker, 'home-feed');
  const [a, b] = ['a', 'b'].map((id) => {
    const item = anItem(id);
    feed.observe(item, () => ({ entity: `event:${id}`, click: true }));
    return item;
  });

  a?.remove();
  b?.click();
  list.prepend(a as Element);
  b?.click();
  a?.click();

  expect((await recorded()).map(({ entity_id, position }) => [entity_id, position])).toEqual([
    ['b', 0],
    ['b', 1],
    ['a', 0],
  ]);
});

test('keeps nothing of an element that is no longer observed', async () => {
  const feed = createList(tracker, 'home-feed');
  // As the rows of a virtual list are, which tell their positions: nobody looks a place up.
  const rows = Array.from({ length: 50 }, (_, position) => {
    const row = anItem(`row-${position}`);
    const stop = feed.observe(row, () => ({ entity: `event:${position}`, position, impression: true }));
    stop();
    row.remove();
    return new WeakRef(row);
  });

  await expect
    .poll(async () => {
      await cdp().send('HeapProfiler.collectGarbage');
      return rows.filter((row) => row.deref()).length;
    })
    .toBe(0);
});

test('merges what is around into all that is recorded inside, and the nearest wins', async () => {
  let surface: string | undefined = 'page';
  const outer = inside(tracker, () => ({
    surface,
    entity: 'event:1',
    props: { tab: 'events', genre: 'jazz' },
  }));
  const inner = inside(outer, () => ({ surface: undefined, viewId: 'v-1', props: { tab: 'news' } }));
  inner.observe(anItem('a'), () => ({ surface: undefined, click: true }));

  inner.track('share', { props: { platform: 'link' } });
  surface = 'event_modal';
  byId('a').click();
  inner.view({ entity: 'artist:7' }, list).end();
  tracker.track('follow');

  expect(await recorded()).toMatchObject([
    {
      type: 'share',
      surface: 'page',
      view_id: 'v-1',
      props: { tab: 'news', genre: 'jazz', platform: 'link' },
    },
    { type: 'click', surface: 'event_modal', entity_id: '1', view_id: 'v-1' },
    { type: 'view', surface: 'event_modal', entity_type: 'artist', part: 0 },
    { type: 'view', entity_type: 'artist', part: 1 },
    { type: 'follow' },
  ]);
});

test('goes on with an element that is taken away and given back at once', async () => {
  const group = createElementGroup(tracker, () => ({ entity: 'event:1', click: true, duration: { min: 0 } }));
  const item = anItem('a');
  Object.assign(item.style, { width: '50px', height: '50px' });
  group.observe(item);
  await expect.poll(async () => (await recorded()).length).toBe(1);

  group.unobserve(item);
  group.observe(item);
  await Promise.resolve();
  item.click();
  group.unobserve(item);
  await Promise.resolve();
  item.click();

  expect((await recorded()).map(({ type, part }) => `${type} ${part ?? ''}`.trim())).toEqual([
    'view 0',
    'click',
    'view 1',
  ]);
});

test('looks places up when something is recorded, and never because somebody scrolls', async () => {
  const look = vi.spyOn(Node.prototype, 'compareDocumentPosition');
  const feed = createList(
    inside(tracker, () => ({ surface: 'feed' })),
    'home-feed',
  );
  const seen = vi.fn();
  const watcher = new IntersectionObserver(seen, { threshold: [0, 0.25, 0.5, 0.75, 1] });
  for (const id of ['a', 'b', 'c']) {
    const item = anItem(id);
    feed.observe(item, () => ({
      entity: `event:${id}`,
      impression: { ms: 600_000 },
      duration: true,
      click: true,
    }));
    watcher.observe(item);
  }
  await expect.poll(() => seen.mock.calls.length).toBe(1);
  look.mockClear();

  list.style.marginTop = '-40px';
  await expect.poll(() => seen.mock.calls.length).toBe(2);

  expect(look).not.toHaveBeenCalled();
  byId('c').click();
  expect(look).toHaveBeenCalled();
  expect(await recorded()).toMatchObject([{ entity_id: 'c', position: 2, surface: 'feed' }]);
  watcher.disconnect();
  vi.restoreAllMocks();
});
