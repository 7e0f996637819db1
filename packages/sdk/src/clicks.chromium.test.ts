import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { observeAttributes } from './auto/attributes.ts';
import { aCollector, cleanUp, startNetwork } from './fake-collector.ts';
import type { Tracker } from './tracker.ts';

beforeAll(startNetwork);

let collector: ReturnType<typeof aCollector>;
let tracker: Tracker;
beforeEach(() => {
  collector = aCollector();
  tracker = collector.tracker();
  // The tests stay where they are.
  document.body.addEventListener('click', stay);
});
afterEach(() => {
  document.body.removeEventListener('click', stay);
  cleanUp();
});
const stay = (event: Event) => event.preventDefault();

function show(html: string): HTMLElement {
  document.body.innerHTML = html;
  return document.body.firstElementChild as HTMLElement;
}

async function recorded() {
  await tracker.flush();
  return collector.interactions();
}

test('flags the clicks of scripts, and those that come faster than a hand', async () => {
  const button = show('<button>Go</button>');
  let entity: `event:${number}` = 'event:1';
  tracker.observe(button, () => ({ entity, click: true, props: { genre: 'jazz' } }));

  await userEvent.click(button);
  entity = 'event:2';
  button.click();
  button.click();

  const [first, second, third] = (await recorded()).map(({ props }) => props);
  expect(first).toEqual({ genre: 'jazz' });
  expect(second).toMatchObject({ genre: 'jazz', is_untrusted: true });
  expect(third).toEqual({ genre: 'jazz', is_untrusted: true, is_too_fast: true });
});

test('does the same little at a click, however many elements are tracked', async () => {
  const workAt = async (count: number) => {
    const list = show(`<ul>${'<li>Card</li>'.repeat(count)}</ul>`);
    let asked = 0;
    let looks = 0;
    const stops = [...list.children].map((element, n) =>
      tracker.observe(element, () => {
        asked++;
        return { entity: `event:${n}`, click: true, impression: true };
      }),
    );
    for (const name of ['querySelectorAll', 'closest', 'getBoundingClientRect'] as const) {
      const original = Element.prototype[name] as (this: Element, ...args: unknown[]) => unknown;
      vi.spyOn(Element.prototype, name).mockImplementation(function (this: Element, ...args: unknown[]) {
        looks++;
        return original.apply(this, args) as never;
      });
    }
    asked = 0;
    // Not a real one: those move the pointer, and let the browser look at what is below it.
    (list.children[count - 1] as HTMLElement).click();
    const work = { asked, looks };
    vi.restoreAllMocks();
    for (const stop of stops) stop();
    return work;
  };

  expect(await workAt(1_000)).toEqual(await workAt(10));
  expect((await recorded()).map(({ entity_id }) => entity_id)).toEqual(['999', '9']);
});

test('folds a double click, unless its second half did something else', async () => {
  const button = show('<button>Like</button>');
  let isLiked = false;
  button.addEventListener('click', () => {
    isLiked = !isLiked;
  });
  const stop = tracker.observe(button, () => ({
    entity: 'event:1',
    click: { type: 'like', undo: isLiked || undefined },
  }));
  await userEvent.dblClick(button);
  stop();
  tracker.observe(button, () => ({ entity: 'event:1', click: true }));
  await userEvent.dblClick(button);

  expect((await recorded()).map(({ type, undo }) => [type, undo])).toEqual([
    ['like', undefined],
    ['like', true],
    ['click', undefined],
  ]);
});

test('counts a label and its control as one click', async () => {
  const card = show('<div><label for="remind">Remind me</label><input id="remind" type="checkbox"></div>');
  document.body.removeEventListener('click', stay);
  tracker.observe(card, () => ({ entity: 'event:1', click: true }));

  await userEvent.click(card.querySelector('label') as HTMLElement);

  expect((card.querySelector('input') as HTMLInputElement).checked).toBe(true);
  expect(await recorded()).toHaveLength(1);
});

test('counts a card that hands its click on to its link as one click', async () => {
  const card = show('<article><p>Card</p><a href="#more">More</a></article>');
  const link = card.querySelector('a') as HTMLElement;
  card.addEventListener('click', ({ target }) => target !== link && link.click());
  tracker.observe(card, () => ({ entity: 'event:1', click: true }));

  await userEvent.click(card.querySelector('p') as HTMLElement);

  expect((await recorded()).map(({ props }) => props)).toEqual([undefined]);
});

test('records the keyboard like a click', async () => {
  const button = show('<button>Go</button>');
  tracker.observe(button, () => ({ entity: 'event:1', click: true }));

  button.focus();
  await userEvent.keyboard('{Enter}');

  expect(await recorded()).toMatchObject([{ type: 'click', entity_id: '1' }]);
});

test('records a link that leads elsewhere, without what its address may give away', async () => {
  tracker.stop();
  tracker = collector.tracker({ ownHosts: ['checkout.example.com'] });
  show(`<p><a href="https://tickets.example/e/ann@example.com?token=secret">Out</a><a href="/next">Next</a>
    <a href="https://checkout.example.com/x">Ours</a><a href="mailto:ann@example.com">Mail</a></p>`);

  for (const link of document.querySelectorAll('a')) await userEvent.click(link);

  expect(await recorded()).toMatchObject([
    { type: 'click', name: 'outbound', props: { url: 'tickets.example/e/[email]' } },
  ]);
});

test('says of a ticket link where it leads and how long there is until the event', async () => {
  const inThreeDays = new Date(Date.now() + 3 * 86_400_000 - 1_000).toISOString();
  show(`<div data-track-click="event:1"><a href="https://www.dice.example/42" data-track="ticket_click"
    data-track-prop-event-date="${inThreeDays}" data-track-num-price-min="30"><b>Tickets</b></a></div>`);
  const stop = observeAttributes(tracker);

  await userEvent.click(document.querySelector('b') as HTMLElement);
  stop();

  expect(await recorded()).toMatchObject([
    {
      type: 'ticket_click',
      entity_id: '1',
      props: {
        ticket_url: 'https://www.dice.example/42',
        ticket_provider: 'dice.example',
        days_until_event: 3,
        price_min: 30,
      },
    },
  ]);
});

test('takes the position from the order in the document, at the moment of the click', async () => {
  const list = show(`<ol data-track-list="feed">
    <li data-track-click="event:a">a</li><li data-track-click="event:b"><b>b</b></li></ol>`);
  const stop = observeAttributes(tracker);

  await userEvent.click(document.querySelector('b') as HTMLElement);
  list.prepend(document.querySelectorAll('li')[1] as Node);
  await userEvent.click(document.querySelector('b') as HTMLElement);
  stop();

  expect((await recorded()).map(({ entity_id, position }) => [entity_id, position])).toEqual([
    ['b', 1],
    ['b', 0],
  ]);
});

test('takes a like back that says so', async () => {
  const button = show(
    '<button data-track="like" data-track-entity="review:1" data-track-undo>Liked</button>',
  );
  const stop = observeAttributes(tracker);

  await userEvent.click(button);
  stop();

  expect(await recorded()).toMatchObject([{ type: 'like', entity_type: 'review', undo: true }]);
});

test('never prevents or delays', async () => {
  const link = show('<a href="#there">There</a>');
  document.body.removeEventListener('click', stay);
  const spies = [vi.spyOn(Event.prototype, 'preventDefault'), vi.spyOn(Event.prototype, 'stopPropagation')];
  tracker.observe(link, () => ({ entity: 'event:1', click: true }));

  await userEvent.click(link);

  expect(location.hash).toBe('#there');
  for (const spy of spies) {
    expect(spy).not.toHaveBeenCalled();
    spy.mockRestore();
  }
  history.replaceState(null, '', location.pathname + location.search);
});

test('puts utm and a click id on ticket links where the option says so, also inside of a card', async () => {
  const selling = aCollector();
  const seller = selling.tracker({ decorateTicketLinks: { source: 'my-venue', clickIdParameter: 'ref' } });
  const link = show('<article><a href="https://tickets.example/42"><b>Tickets</b></a></article>')
    .firstElementChild as HTMLAnchorElement;
  seller.observe(link, () => ({ entity: 'event:42', click: { type: 'ticket_click' } }));
  let followed = '';
  link.addEventListener('click', () => (followed ||= link.href));

  await userEvent.click(link);
  await expect.poll(() => link.getAttribute('href')).toBe('https://tickets.example/42');
  seller.consent.deny();
  const afterRefusal = new Promise((resolve) => {
    link.addEventListener('click', () => resolve(link.getAttribute('href')));
  });
  link.click();
  seller.consent.grant();

  const { searchParams } = new URL(followed);
  expect(searchParams.get('utm_source')).toBe('my-venue');
  expect(searchParams.get('ref')).toMatch(/^[0-9a-f-]{36}$/);
  expect(await afterRefusal).toBe('https://tickets.example/42');
});

test.each([
  [
    'a link in SVG',
    '<svg width="99" height="99"><a href="URL"><rect width="99" height="99"/></a></svg>',
    'rect',
  ],
  [
    'an older link in SVG',
    '<svg width="99" height="99"><a xlink:href="URL"><rect width="99" height="99"/></a></svg>',
    'rect',
  ],
  ['an area of an image map', '<map name="m"><area href="URL" coords="0,0,9,9"></map>', 'area'],
])('knows where %s leads, and puts parameters on its href', async (_, html, clicked) => {
  const selling = aCollector();
  const seller = selling.tracker({ decorateTicketLinks: { source: 'my-venue' } });
  const click = () =>
    document
      .querySelector(clicked)
      ?.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, composed: true }));
  show(html.replace('URL', 'https://tickets.example/42?token=secret'));
  const link = document.querySelector('a, area') as HTMLElement;
  const attribute = link.getAttributeNames().find((name) => name.includes('href')) as string;

  click();
  seller.observe(link, () => ({ entity: 'event:42', click: { type: 'ticket_click' } }));
  let followed = '';
  link.addEventListener('click', () => {
    followed = link.getAttribute(attribute) as string;
  });
  click();
  await expect.poll(() => link.getAttribute(attribute)).toBe('https://tickets.example/42?token=secret');
  await seller.flush();

  const [outbound, ticket] = selling.interactions();
  expect(outbound).toMatchObject({ name: 'outbound', props: { url: 'tickets.example/42' } });
  expect(ticket).toMatchObject({
    type: 'ticket_click',
    props: { ticket_url: 'https://tickets.example/42', ticket_provider: 'tickets.example' },
  });
  if (attribute !== 'href') return expect(ticket?.props).not.toHaveProperty('click_id');
  expect(new URL(followed).searchParams.get('click_id')).toBe(ticket?.props?.click_id);
  expect(followed).toMatch(/^https:\/\/tickets\.example\/42\?token=secret&utm_source=my-venue&/);
});

test('takes a link in SVG within the site for none that leads elsewhere', async () => {
  const svg = show(
    '<svg><a href="/events"><text y="20">Events</text></a><a><text y="40">None</text></a></svg>',
  );

  for (const text of svg.querySelectorAll('text')) {
    text.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, composed: true }));
  }

  expect(await recorded()).toEqual([]);
});

test.each([
  ['?click_id=&seat=1%2f2&&b', '?seat=1%2f2&&b&utm_source=my-venue&'],
  ['?click_id', '?utm_source=my-venue&'],
  ['?', '?utm_source=my-venue&'],
])('fills the place that a shop keeps for the click id: %s', async (search, start) => {
  const seller = aCollector().tracker({ decorateTicketLinks: { source: 'my-venue' } });
  const link = show(`<a href="https://tickets.example/42${search}">Tickets</a>`) as HTMLAnchorElement;
  seller.observe(link, () => ({ entity: 'event:42', click: { type: 'ticket_click' } }));
  let followed = '';
  link.addEventListener('click', () => {
    followed = link.search;
  });

  link.click();

  expect(followed.slice(0, start.length)).toBe(start);
  expect(new URLSearchParams(followed).getAll('click_id')).toEqual([
    expect.stringMatching(/^[0-9a-f-]{36}$/),
  ]);
  await expect.poll(() => link.getAttribute('href')).toBe(`https://tickets.example/42${search}`);
});

test('counts each click that puts something into a cart, however fast', async () => {
  const button = show('<button>+1</button>');
  tracker.observe(button, () => ({ entity: 'offer:1', click: { type: 'cart_add' } }));

  for (const detail of [1, 2, 3]) {
    button.dispatchEvent(new MouseEvent('click', { detail, bubbles: true }));
  }

  expect((await recorded()).map(({ type }) => type)).toEqual(['cart_add', 'cart_add', 'cart_add']);
});
