import { afterEach, beforeAll, expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { cleanUp, startNetwork } from '../fake-collector.ts';
import { aVisit } from '../recorded.test-helper.ts';
import { judgeClick, outboundLinks } from './clicks.ts';

beforeAll(startNetwork);
afterEach(cleanUp);

const stay = (event: Event) => event.preventDefault();

function aPage(html: string) {
  const visit = aVisit();
  document.body.innerHTML = html;
  // Below the tracker's listeners, as a page would: nothing navigates.
  for (const link of document.querySelectorAll('a')) {
    link.addEventListener('click', stay);
    link.addEventListener('auxclick', stay);
  }
  return visit;
}

test('records where a link leads, without what is personal in the address', async () => {
  const { tracker, recorded } = aPage(
    '<a href="https://tickets.example/e/42/ann@example.com?token=secret#x"><b>Tickets</b></a>',
  );
  const stop = outboundLinks(tracker);

  await userEvent.click(document.querySelector('b') as HTMLElement);
  stop();
  document.querySelector('b')?.click();

  expect(await recorded()).toMatchObject([
    { type: 'click', name: 'outbound', props: { url: 'tickets.example/e/42/[redacted]' } },
  ]);
  expect((await recorded())[0]?.props).not.toHaveProperty('is_trusted');
});

test('counts a double click once, and flags a click by script', async () => {
  const { tracker, recorded } = aPage(
    '<a href="https://a.example/">A</a><br><a href="https://b.example/">B</a>',
  );
  outboundLinks(tracker);
  const [a, b] = document.querySelectorAll('a');

  await userEvent.dblClick(a as HTMLElement);
  b?.click();

  expect((await recorded()).map(({ props }) => [props?.url, props?.is_trusted])).toEqual([
    ['a.example/', undefined],
    ['b.example/', false],
  ]);
});

test('counts the middle button, not the right one', async () => {
  const { tracker, recorded } = aPage('<a href="https://a.example/">A</a>');
  outboundLinks(tracker);
  const link = document.querySelector('a');

  link?.dispatchEvent(new MouseEvent('auxclick', { button: 2, bubbles: true, cancelable: true }));
  link?.dispatchEvent(new MouseEvent('auxclick', { button: 1, bubbles: true, cancelable: true }));

  expect(await recorded()).toHaveLength(1);
});

test('hears a click that the page stops', async () => {
  const { tracker, recorded } = aPage('<a href="https://a.example/">A</a>');
  outboundLinks(tracker);
  document.querySelector('a')?.addEventListener('click', (event) => event.stopImmediatePropagation());

  document.querySelector('a')?.click();

  expect(await recorded()).toHaveLength(1);
});

test.each([
  ['of the page itself', '/next'],
  ['of one of its other hosts', 'https://checkout.example.com/x'],
  ['of a mail program', 'mailto:ann@example.com'],
  ['that is tracked already', 'https://tickets.example/" data-track="ticket_click'],
])('leaves a link %s', async (_, href) => {
  const { tracker, recorded } = aPage(`<a href="${href}">Go</a>`);
  outboundLinks(tracker, ['checkout.example.com']);

  document.querySelector('a')?.click();

  expect(await recorded()).toEqual([]);
});

test('the click that a label makes on its control is not suspicious', async () => {
  document.body.innerHTML = '<label>Remind me <input type="checkbox"></label>';
  const seen: MouseEvent[] = [];
  document.body.addEventListener('click', (event) => seen.push(event));

  await userEvent.click(document.querySelector('label') as HTMLElement, { position: { x: 2, y: 2 } });

  expect(seen.map(({ target }) => (target as Element).localName)).toEqual(['label', 'input']);
  expect(seen.map((click, n) => judgeClick(click, seen[n - 1]))).toEqual([
    { isFolded: false, flags: {} },
    { isFolded: false, flags: {} },
  ]);
});
