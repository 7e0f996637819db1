import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { observeAttributes } from './auto/attributes.ts';
import {
  anElement,
  aVisitAtRest,
  endVisit,
  frames,
  openPage,
  pass,
  type Visit,
} from './elements.test-helper.ts';

beforeAll(openPage);

let recorded: Visit['recorded'];
let tracker: Visit['tracker'];
beforeEach(() => {
  ({ recorded, tracker } = aVisitAtRest());
});
afterEach(endVisit);

test('opens and closes a view with its dialog', async () => {
  document.body.innerHTML = '<dialog data-track-duration="event:7">Tickets</dialog>';
  const dialog = document.querySelector('dialog') as HTMLDialogElement;
  const stop = observeAttributes(tracker);
  await pass(1_000);

  dialog.showModal();
  await pass(250);
  await pass(150);
  dialog.close();
  await pass(1_000);
  dialog.showModal();
  await pass(250);
  stop();

  const parts = await recorded('view');
  expect(parts.map(({ part, duration_ms, props }) => [part, duration_ms, props?.end_reason])).toEqual([
    [0, 0, undefined],
    [1, 400, 'close'],
    [0, 0, undefined],
    [1, 250, 'unmount'],
  ]);
  expect(new Set(parts.map(({ view_id }) => view_id)).size).toBe(2);
});

test('reads what elements say about themselves', async () => {
  document.body.innerHTML = `
    <section data-track-list="home-feed" data-track-surface="feed">
      <article data-track-impression="event:123" data-track-click data-track-position="3"
        data-track-prop-artist-name="Khruangbin" data-track-num-price="25" data-track-bool-soldout="false"
        data-track-json-tags='["jazz"]' data-track-num-bad="cheap" data-track-bool-odd="maybe">
        <h3>Jazz</h3>
        <a href="#tickets" data-track="ticket_click" data-track-prop-ticket-provider="dice">Tickets</a>
      </article>
    </section>`;
  const stop = observeAttributes(tracker);

  await pass(1_000);
  document.querySelector('h3')?.click();
  document.querySelector('a')?.click();
  stop();

  const common = {
    entity_type: 'event',
    entity_id: '123',
    list_id: 'home-feed',
    surface: 'feed',
    position: 3,
  };
  const props = { artist_name: 'Khruangbin', price: 25, soldout: false, tags: ['jazz'] };
  expect(await recorded()).toMatchObject([
    { type: 'impression', ...common, props },
    { type: 'click', ...common, props },
    {
      type: 'ticket_click',
      ...common,
      props: { ticket_provider: 'dice', ticket_url: `${location.origin}${location.pathname}` },
    },
  ]);
});

test('takes false in an attribute for off, as frameworks write it', async () => {
  const box = anElement();
  box.innerHTML =
    '<a data-track="ticket_click" data-track-click="false" data-track-entity="event:1">Tickets</a>' +
    '<b data-track-click="load_more" data-track-impression="false" data-track-duration="false">More</b>' +
    '<i data-track="like" data-track-entity="event:2" data-track-undo="false">Like</i>' +
    '<u data-track data-track-entity="event:3">No type</u>';
  const stop = observeAttributes(tracker);
  await pass(2_000);

  for (const element of box.children) (element as HTMLElement).click();
  stop();

  expect((await recorded()).map(({ type, name, undo }) => [type, name, undo])).toEqual([
    ['click', 'load_more', undefined],
    ['like', undefined, undefined],
  ]);
});

test('finds elements and attributes that come later, and lets go of those that leave', async () => {
  const stop = observeAttributes(tracker);
  const late = anElement();
  late.innerHTML = '<b data-track-click="load_more">More</b><i>Later</i>';
  const [button, later] = late.children as unknown as [HTMLElement, HTMLElement];
  await frames();

  button.click();
  later.click();
  later.setAttribute('data-track', 'setlist_open');
  await frames();
  later.click();
  button.remove();
  await frames();
  button.click();
  stop();
  later.click();

  expect((await recorded()).map(({ type, name }) => [type, name])).toEqual([
    ['click', 'load_more'],
    ['custom', 'setlist_open'],
  ]);
});

test('takes an element that is used for something else for another one', async () => {
  const card = anElement();
  card.innerHTML = '<p data-track-click="details">Details</p>';
  for (const name of ['impression', 'duration']) card.setAttribute(`data-track-${name}`, '');
  card.setAttribute('data-track-entity', 'event:1');
  const stop = observeAttributes(tracker);
  await pass(1_000);

  card.setAttribute('data-track-entity', 'event:2');
  await frames();
  await pass(1_000);
  card.querySelector('p')?.click();
  stop();

  const rows = await recorded();
  expect(rows.map(({ type, entity_id, part, duration_ms }) => [type, entity_id, part, duration_ms])).toEqual([
    ['view', '1', 0, 0],
    ['impression', '1', undefined, 1_000],
    ['view', '1', 1, 1_000],
    ['view', '2', 0, 0],
    ['impression', '2', undefined, 1_000],
    ['click', '2', undefined, undefined],
    ['view', '2', 1, 1_000],
  ]);
});

test('lets an element go on whose attributes are written again as they are', async () => {
  const card = anElement();
  for (const name of ['impression', 'duration']) card.setAttribute(`data-track-${name}`, '');
  card.setAttribute('data-track-entity', 'event:1');
  const stop = observeAttributes(tracker);
  await pass(600);

  card.setAttribute('data-track-entity', 'event:1');
  await frames();
  await pass(400);
  stop();

  expect((await recorded()).map(({ type, part, duration_ms }) => [type, part, duration_ms])).toEqual([
    ['view', 0, 0],
    ['impression', undefined, 1_000],
    ['view', 1, 1_000],
  ]);
});

test('counts the items of a list, and neither what stands in them nor their clones', async () => {
  const item = (id: number) =>
    `<li data-track-impression="event:${id}"><b data-track-click="artist:${id}">Artist</b></li>`;
  document.body.innerHTML = `
    <ol data-track-list="feed">
      ${item(3)}${item(1)}
      <li data-track-click="nearby"><ol data-track-list="nearby">${item(8)}${item(9)}</ol></li>
      ${item(2)}${item(3)}
    </ol>`;
  const stop = observeAttributes(tracker);

  for (const element of document.querySelectorAll('b')) element.click();
  stop();

  expect(
    (await recorded()).map(({ entity_id, list_id, position }) => [entity_id, list_id, position]),
  ).toEqual([
    ['3', 'feed', 0],
    ['1', 'feed', 1],
    ['8', 'nearby', 0],
    ['9', 'nearby', 1],
    ['2', 'feed', 3],
    ['3', 'feed', 0],
  ]);
});

test('compares no element of a list with the others while it is found, changes or comes into sight', async () => {
  const item = (id: number) => `<li data-track-impression="event:${id}">${id}</li>`;
  document.body.innerHTML = `<ol data-track-list="feed">${[1, 2, 3].map(item).join('')}</ol>`;
  const compare = vi.spyOn(Node.prototype, 'contains');

  const stop = observeAttributes(tracker);
  for (const it of document.querySelectorAll('li')) it.setAttribute('data-track-impression', 'event:9');
  await frames();
  const compared = compare.mock.calls.length;
  document.querySelector('li')?.setAttribute('data-track-click', '');
  await frames();
  document.querySelector('li')?.click();
  stop();

  expect(compared).toBe(0);
  expect(compare).toHaveBeenCalled();
  compare.mockRestore();
  expect(await recorded()).toMatchObject([{ type: 'click', entity_id: '9', position: 0 }]);
});
