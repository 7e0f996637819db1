import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { cleanUp, startNetwork } from '../fake-collector.ts';
import { aVisit, holdTime } from '../recorded.test-helper.ts';
import { searchInputs } from './search-inputs.ts';

beforeAll(startNetwork);
afterEach(() => {
  vi.useRealTimers();
  cleanUp();
});

function aSearchPage() {
  const visit = aVisit();
  holdTime();
  const stop = searchInputs(visit.tracker);
  document.body.innerHTML = `
    <input type="search" data-track-search="events">
    <input name="other">
    <input type="password" data-track-search="events">
    <ul data-track-search-results="events">
      <li data-track-entity="event:1">One</li><li data-track-entity="event:2"><b>Two</b></li>
    </ul>`;
  const inputs = [...document.querySelectorAll('input')];
  const type = (n: number, text: string, isComposing = false) => {
    Object.assign(inputs[n] ?? {}, { value: text });
    inputs[n]?.dispatchEvent(new InputEvent('input', { bubbles: true, isComposing }));
  };
  return { ...visit, stop, type };
}

test('records what is typed into a box that asks for it, and nothing of any other', async () => {
  const { recorded, type, stop } = aSearchPage();

  type(1, 'mine alone');
  type(2, 'secret');
  vi.advanceTimersByTime(5_600);
  type(0, 'ja');
  type(0, 'jazz');
  vi.advanceTimersByTime(5_600);
  stop();
  type(0, 'opera');
  vi.advanceTimersByTime(5_600);

  expect(await recorded()).toMatchObject([
    { type: 'search', query: 'jazz', props: { search_type: 'events', result_count: 2, has_results: true } },
  ]);
});

test('waits until what is composed is done', async () => {
  const { recorded, type, stop } = aSearchPage();

  type(0, 'とうky', true);
  vi.advanceTimersByTime(5_600);
  type(0, '東京', true);
  document.querySelector('input')?.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true }));
  vi.advanceTimersByTime(5_600);
  stop();

  expect(await recorded()).toMatchObject([{ type: 'search', query: '東京' }]);
});

test('takes the count that the page says', async () => {
  const { recorded, type, stop } = aSearchPage();
  document.querySelector('ul')?.setAttribute('data-track-search-count', '118');

  type(0, 'jazz');
  stop();

  expect(await recorded()).toMatchObject([{ props: { result_count: 118 } }]);
});

test('a click on a result is a choice with its rank', async () => {
  const { recorded, type } = aSearchPage();

  type(0, 'jazz');
  document.querySelector('b')?.click();
  document.querySelector('b')?.dispatchEvent(new MouseEvent('click', { bubbles: true, detail: 2 }));
  document.querySelector('input')?.click();

  const [search, ...clicks] = await recorded();
  expect(search).toMatchObject({ type: 'search', query: 'jazz' });
  expect(clicks).toMatchObject([
    { type: 'click', entity_id: '2', position: 1, search_id: search?.search_id, surface: 'search' },
  ]);
});
