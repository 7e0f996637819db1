import { act, forwardRef, memo, type ReactNode, useState } from 'react';
import { createPortal } from 'react-dom';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { aPage, click, pass, startNetwork } from './fake-page.test-helper.ts';
import { Track, TrackContext, TrackList, useTrack } from './index.ts';

beforeAll(startNetwork);

let page: ReturnType<typeof aPage>;
beforeEach(() => {
  page = aPage();
});
afterEach(() => page.close());

const Card = forwardRef<HTMLElement, { id: string; children?: ReactNode }>(({ id, children }, ref) => (
  <article ref={ref} style={{ height: 20 }}>
    {id}
    {children}
  </article>
));
const cards = (ids: string[], position?: number) =>
  ids.map((id) => (
    <Track key={id} entity={`event:${id}`} position={position} impression click>
      <Card id={id} />
    </Track>
  ));
function Share() {
  const track = useTrack();
  return (
    <button type="button" onClick={() => track('share', { props: { platform: 'link' } })}>
      Share
    </button>
  );
}
const places = async () =>
  (await page.recorded('click')).map(({ entity_id, position }) => `${entity_id} ${position}`);

test('gives list, surface and position to what is inside', async () => {
  page.render(
    <TrackList id="home-feed" surface="feed">
      {cards(['a', 'b', 'c'])}
      <Share />
    </TrackList>,
  );
  await pass(1_000);
  click('Share');

  const rows = await page.recorded();
  expect(rows.map((row) => [row.type, row.entity_id, row.list_id, row.surface, row.position])).toEqual([
    ['impression', 'a', 'home-feed', 'feed', 0],
    ['impression', 'b', 'home-feed', 'feed', 1],
    ['impression', 'c', 'home-feed', 'feed', 2],
    ['share', undefined, 'home-feed', 'feed', undefined],
  ]);
  expect(new Set(rows.map(({ props }) => props?.list_view_id)).size).toBe(1);
});

test('tells the place that a card has when it is clicked: after sorting, inserting and removing', async () => {
  const feed = (ids: string[]) => <TrackList id="home-feed">{cards(ids)}</TrackList>;
  page.render(feed(['a', 'b', 'c']));
  click('c');
  page.render(feed(['c', 'a', 'b']));
  click('a');
  page.render(feed(['new', 'c', 'b']));
  click('b');
  click('new');

  expect(await places()).toEqual(['c 2', 'a 1', 'b 2', 'new 0']);
});

test('takes the position of a virtual row as it is told', async () => {
  page.render(
    <TrackList id="home-feed">
      {cards(['row'], 4_711)}
      {cards(['other'])}
    </TrackList>,
  );
  click('row');
  click('other');

  expect(await places()).toEqual(['row 4711', 'other 1']);
});

test('counts what stands inside of a card as the card, and a list in a list apart', async () => {
  page.render(
    <TrackList id="home-feed">
      {cards(['a'])}
      <TrackList id="carousel">{cards(['x', 'y'])}</TrackList>
      <Track entity="event:b" click>
        <Card id="b:">
          <Track entity="event:b" click={{ type: 'ticket_click' }}>
            <a href="#tickets">Tickets</a>
          </Track>
        </Card>
      </Track>
      {cards(['c'])}
    </TrackList>,
  );
  for (const text of ['Tickets', 'y', 'c']) click(text);

  const rows = await page.recorded();
  expect(rows.map(({ type, list_id, position }) => [type, list_id, position])).toEqual([
    ['ticket_click', 'home-feed', 1],
    ['click', 'carousel', 1],
    ['click', 'home-feed', 2],
  ]);
});

test('merges contexts into everything inside, in portals too, and the nearest wins', async () => {
  const elsewhere = document.body.appendChild(document.createElement('main'));
  page.render(
    <TrackContext value={{ surface: 'page', props: { tab: 'events', genre: 'jazz' } }}>
      <TrackContext value={{ surface: 'event_modal', props: () => ({ tab: 'reviews' }) }}>
        <Share />
        {createPortal(
          <Track entity="event:1" props={{ mine: true }} click>
            <Card id="portal" />
          </Track>,
          elsewhere,
        )}
      </TrackContext>
    </TrackContext>,
  );
  click('Share');
  click('portal');
  elsewhere.remove();

  expect(await page.recorded()).toMatchObject([
    { type: 'share', surface: 'event_modal', props: { tab: 'reviews', genre: 'jazz', platform: 'link' } },
    { type: 'click', surface: 'event_modal', props: { tab: 'reviews', genre: 'jazz', mine: true } },
  ]);
});

test('renders nothing anew for a new value, which counts all the same', async () => {
  let renders = 0;
  const Memoised = memo(() => {
    renders++;
    return <Share />;
  });
  let setTab = (_: string) => {};
  function Tabs() {
    const [tab, set] = useState('events');
    setTab = set;
    return (
      <TrackContext value={{ props: { tab } }}>
        <TrackList id="home-feed" surface={tab}>
          <Memoised />
        </TrackList>
      </TrackContext>
    );
  }
  page.render(<Tabs />);
  act(() => setTab('news'));
  click('Share');

  expect(await page.recorded()).toMatchObject([{ surface: 'news', props: { tab: 'news' } }]);
  expect(renders).toBe(1);
});
