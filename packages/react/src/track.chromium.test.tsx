import {
  act,
  forwardRef,
  type MouseEvent,
  type ReactNode,
  useEffect,
  useRef,
  useState,
  version,
} from 'react';
import { afterEach, beforeAll, beforeEach, expect, inject, test, vi } from 'vitest';
import { aPage, click, pass, startNetwork } from './fake-page.test-helper.ts';
import { Track, useTrack, useTracker } from './index.ts';

beforeAll(startNetwork);

let page: ReturnType<typeof aPage>;
beforeEach(() => {
  page = aPage();
});
afterEach(() => page.close());

const box = { width: 200, height: 100 };
const Card = forwardRef<HTMLElement, { children?: ReactNode }>(({ children = 'Card' }, ref) => (
  <article ref={ref} style={box}>
    {children}
  </article>
));

test('runs on the React that this project is for', () => {
  expect(version.startsWith(inject('react'))).toBe(true);
});

test('records an impression of a card after a second in sight, and adds no element', async () => {
  page.render(
    <Track entity="event:1" list="home-feed" position={3} surface="feed" props={{ genre: 'jazz' }} impression>
      <Card />
    </Track>,
  );
  expect(document.querySelector('main > article')).not.toBeNull();

  await pass(999);
  page.render(<Card />);
  await pass(1_000);
  page.render(
    <Track entity="event:2" list="home-feed" position={3} surface="feed" props={{ genre: 'jazz' }} impression>
      <Card />
    </Track>,
  );
  await pass(1_000);

  expect(await page.recorded()).toMatchObject([
    {
      type: 'impression',
      entity_type: 'event',
      entity_id: '2',
      list_id: 'home-feed',
      position: 3,
      surface: 'feed',
      visible_ratio: 1,
      props: { genre: 'jazz' },
    },
  ]);
});

test('records a click once, also when the child stops it', async () => {
  const stop = (event: MouseEvent) => event.stopPropagation();
  page.render(
    <Track entity="event:1" click>
      <Card>
        <button type="button" onClick={stop}>
          Open
        </button>
      </Card>
    </Track>,
  );

  click('Open');

  expect(await page.recorded()).toMatchObject([{ type: 'click', entity_id: '1' }]);
});

test('records a click on the nearest Track only, as what it says', async () => {
  page.render(
    <Track entity="event:1" click>
      <Card>
        <Track entity="event:1" click={{ type: 'ticket_click' }}>
          <span>Tickets</span>
        </Track>
      </Card>
    </Track>,
  );

  click('Tickets');

  expect((await page.recorded()).map(({ type }) => type)).toEqual(['ticket_click']);
});

test('records a click as its type, with or without more to say of the click', async () => {
  page.render(
    <>
      <Track type="ticket_click" entity="event:1" props={{ ticket_provider: 'dice' }}>
        <Card>Tickets</Card>
      </Track>
      <Track type="like" entity="review:1" click={{ undo: true }}>
        <Card>Liked</Card>
      </Track>
      <Track type="setlist_open" entity="event:1" click>
        <Card>Setlist</Card>
      </Track>
    </>,
  );

  for (const text of ['Tickets', 'Liked', 'Setlist']) click(text);

  expect(await page.recorded()).toMatchObject([
    { type: 'ticket_click', entity_id: '1', props: { ticket_provider: 'dice' } },
    { type: 'like', entity_type: 'review', undo: true },
    { type: 'custom', name: 'setlist_open' },
  ]);
});

test('records no click where click is false, whatever its type', async () => {
  page.render(
    <Track entity="event:1" type="ticket_click" click={false} impression>
      <Card>Tickets</Card>
    </Track>,
  );
  await pass(1_000);

  click('Tickets');

  expect(await page.recorded()).toMatchObject([{ type: 'impression' }]);
});

test('records visible time when it unmounts', async () => {
  page.render(
    <Track entity="event:1" surface="event_modal" duration>
      <Card />
    </Track>,
  );
  await pass(250);
  await pass(1_250);
  page.render(null);

  expect(await page.recorded()).toMatchObject([
    { type: 'view', part: 0, duration_ms: 0, surface: 'event_modal' },
    { type: 'view', part: 1, duration_ms: 1_500, props: { end_reason: 'unmount' } },
  ]);
});

test('reads the latest props when something is recorded, and never starts anew for them', async () => {
  const feed = (position: number) => (
    <Track entity="event:1" position={position} props={{ position }} impression={{ ms: 1_000 }} click>
      <Card />
    </Track>
  );
  page.render(feed(1));
  await pass(900);
  page.render(feed(2));
  await pass(100);
  page.render(feed(3));
  click('Card');

  expect(await page.recorded()).toMatchObject([
    { type: 'impression', position: 2, props: { position: 2 } },
    { type: 'click', position: 3, props: { position: 3 } },
  ]);
});

test('keeps the second running when the ref of the child is a new function in each render', async () => {
  const seen: (string | undefined)[] = [];
  const feed = (n: number) => (
    <Track entity="event:1" impression>
      <p ref={(element) => void seen.push(element ? `${n}` : undefined)} style={box} />
    </Track>
  );
  page.render(feed(1));
  await pass(600);
  page.render(feed(2));
  await pass(400);

  expect(await page.recorded('impression')).toHaveLength(1);
  expect(seen).toEqual(['1', undefined, '2']);
});

test('leaves the ref object of the child to the child', async () => {
  function Reader() {
    const ref = useRef<HTMLParagraphElement>(null);
    const [text, setText] = useState('');
    useEffect(() => setText(ref.current?.tagName ?? ''), []);
    return (
      <Track entity="event:1" click>
        <p ref={ref}>{text}</p>
      </Track>
    );
  }
  page.render(<Reader />);
  await pass(0);
  await expect.poll(() => document.querySelector('p')?.textContent).toBe('P');

  click('P');

  expect(await page.recorded('click')).toHaveLength(1);
});

test('follows the child to another element', async () => {
  const Swapping = forwardRef<HTMLElement, { isOpen: boolean }>(({ isOpen }, ref) =>
    isOpen ? (
      <section ref={ref} style={box}>
        Section
      </section>
    ) : (
      <Card ref={ref}>Article</Card>
    ),
  );
  let open = (_isOpen: boolean) => {};
  const Holder = forwardRef<HTMLElement>((_, ref) => {
    const [isOpen, setIsOpen] = useState(false);
    open = setIsOpen;
    return <Swapping isOpen={isOpen} ref={ref} />;
  });
  page.render(
    <Track entity="event:1" impression click>
      <Holder />
    </Track>,
  );
  await pass(500);
  act(() => open(true));
  await pass(999);
  click('Section');
  await pass(1);

  expect((await page.recorded()).map(({ type }) => type)).toEqual(['click', 'impression']);
});

test('measures nothing while disabled, and starts when it is enabled', async () => {
  const feed = (isDisabled: boolean) => (
    <Track entity="event:1" impression click disabled={isDisabled}>
      <Card />
    </Track>
  );
  page.render(feed(true));
  await pass(2_000);
  click('Card');
  page.render(feed(false));
  click('Card');
  await pass(1_000);
  page.render(feed(true));
  click('Card');

  expect((await page.recorded()).map(({ type }) => type)).toEqual(['click', 'impression']);
});

test('starts to watch when impression is turned on', async () => {
  const feed = (impression: boolean) => (
    <Track entity="event:1" impression={impression} click>
      <Card />
    </Track>
  );
  page.render(feed(false));
  await pass(1_000);
  page.render(feed(true));
  await pass(1_000);

  expect(await page.recorded()).toMatchObject([{ type: 'impression' }]);
});

test('records everything once in StrictMode', async () => {
  page.close();
  page = aPage({ isStrict: true });
  page.render(
    <Track entity="event:1" impression click duration={{ min: 0 }}>
      <Card />
    </Track>,
  );
  await pass(1_000);
  await pass(1_000);
  click('Card');
  page.render(null);

  const types = (await page.recorded()).map(({ type, part }) =>
    part === undefined ? type : `${type} ${part}`,
  );
  expect(types.sort()).toEqual(['click', 'impression', 'view 0', 'view 1']);
});

test('renders nothing anew when something is recorded', async () => {
  let renders = 0;
  const Counting = forwardRef<HTMLElement>((_, ref) => {
    renders++;
    return <Card ref={ref} />;
  });
  page.render(
    <Track entity="event:1" impression click duration>
      <Counting />
    </Track>,
  );
  await pass(1_000);
  await pass(1_000);
  click('Card');

  expect(await page.recorded()).toHaveLength(3);
  expect(renders).toBe(1);
});

test('lets go of everything when it unmounts', async () => {
  const observe = vi.spyOn(page.tracker, 'observe');
  page.render(
    <Track entity="event:1" impression click>
      <Card />
    </Track>,
  );
  const card = document.querySelector('article') as HTMLElement;
  await pass(900);
  page.render(null);
  document.body.append(card);
  await pass(1_000);
  card.click();
  card.remove();

  expect(observe).toHaveBeenCalledOnce();
  expect(await page.recorded()).toEqual([]);
});

test('gives handlers a stable track', async () => {
  const tracks = new Set<unknown>();
  function Share({ n }: { n: number }) {
    const track = useTrack();
    tracks.add(track);
    return (
      <button type="button" onClick={() => track('share', { entity: 'event:1', props: { n } })}>
        Share
      </button>
    );
  }
  page.render(<Share n={1} />);
  page.render(<Share n={2} />);
  click('Share');

  expect(await page.recorded()).toMatchObject([{ type: 'share', entity_id: '1', props: { n: 2 } }]);
  expect(tracks.size).toBe(1);
});

test('gives components the tracker of their provider', () => {
  let found: unknown;
  function Reader() {
    found = useTracker();
    return null;
  }
  page.render(<Reader />);

  expect(found).toBe(page.tracker);
});

test('measures the next ad in the same place as another one', async () => {
  const slot = (id: number) => (
    <Track entity={`ad:${id}`} props={{ id }} impression click duration>
      <Card />
    </Track>
  );
  page.render(slot(1));
  await pass(1_000);
  page.render(slot(2));
  await pass(1_000);
  click('Card');
  page.render(null);

  const rows = await page.recorded();
  expect(rows.every(({ entity_id, props }) => Number(entity_id) === props?.id)).toBe(true);
  expect(rows.map(({ type, entity_id, duration_ms }) => [type, entity_id, duration_ms])).toEqual([
    ['served', '1', undefined],
    ['view', '1', 0],
    ['impression', '1', 1_000],
    ['view', '1', 1_000],
    ['served', '2', undefined],
    ['view', '2', 0],
    ['impression', '2', 1_000],
    ['click', '2', undefined],
    ['view', '2', 1_000],
  ]);
});
