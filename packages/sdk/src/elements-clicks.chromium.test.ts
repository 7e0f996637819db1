import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { anElement, aVisitAtRest, endVisit, openPage, type Visit } from './elements.test-helper.ts';

beforeAll(openPage);

let recorded: Visit['recorded'];
let tracker: Visit['tracker'];
beforeEach(() => {
  ({ recorded, tracker } = aVisitAtRest());
});
afterEach(endVisit);

test('records a click that the page stops from propagating, with the latest values', async () => {
  const card = anElement();
  const button = card.appendChild(document.createElement('button'));
  button.addEventListener('click', (event) => event.stopImmediatePropagation());
  let position = 1;
  tracker.observe(card, () => ({ entity: 'event:1', position, click: { name: 'card' } }));

  position = 2;
  button.click();

  expect(await recorded()).toMatchObject([{ type: 'click', name: 'card', entity_id: '1', position: 2 }]);
});

test('records the nearest tracked element only', async () => {
  const card = anElement();
  const link = card.appendChild(document.createElement('span'));
  tracker.observe(card, () => ({ entity: 'event:1', click: true }));
  tracker.observe(link, () => ({ entity: 'event:1', click: { type: 'ticket_click' } }));

  link.click();

  expect((await recorded()).map(({ type }) => type)).toEqual(['ticket_click']);
});

test('records the middle button and not the right one, and prevents nothing', async () => {
  const card = anElement();
  tracker.observe(card, () => ({ entity: 'event:1', click: true }));

  const middle = new MouseEvent('auxclick', { button: 1, bubbles: true, cancelable: true });
  card.dispatchEvent(middle);
  card.dispatchEvent(new MouseEvent('auxclick', { button: 2, bubbles: true }));

  expect(middle.defaultPrevented).toBe(false);
  expect(await recorded('click')).toHaveLength(1);
});

test('reaches into open shadow trees', async () => {
  const host = anElement();
  const inner = host.attachShadow({ mode: 'open' }).appendChild(document.createElement('b'));
  tracker.observe(inner, () => ({ entity: 'event:1', click: true }));

  inner.click();

  expect(await recorded('click')).toHaveLength(1);
});
