import { observeAttributes } from '@turnout/sdk';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { trackAttrs } from './attrs.ts';
import { aPage, click, pass, startNetwork } from './fake-page.test-helper.ts';

beforeAll(startNetwork);

let page: ReturnType<typeof aPage>;
beforeEach(() => {
  page = aPage();
});
afterEach(() => page.close());

test('says by attributes what <Track> says by props', async () => {
  page.render(
    <section {...trackAttrs({ list: 'home-feed', surface: 'feed' })}>
      <article
        style={{ width: 200, height: 100 }}
        {...trackAttrs({
          entity: 'event:42',
          position: 3,
          impression: true,
          click: true,
          props: { artist_name: 'Nubya', price_min: 30, sold_out: false, tags: ['late'], none: undefined },
        })}
      >
        Card
        <a
          href="#tickets"
          {...trackAttrs({ click: { type: 'ticket_click' }, props: { ticket_provider: 'dice' } })}
        >
          Tickets
        </a>
        <button type="button" {...trackAttrs({ click: { type: 'interest', undo: true } })}>
          Not any more
        </button>
      </article>
    </section>,
  );
  const stop = observeAttributes(page.tracker);
  await pass(1_000);
  click('Tickets');
  click('Not any more');
  document.querySelector('article')?.click();
  stop();

  const place = { entity_id: '42', list_id: 'home-feed', surface: 'feed', position: 3 };
  const props = { artist_name: 'Nubya', price_min: 30, sold_out: false, tags: ['late'] };
  expect(await page.recorded()).toMatchObject([
    { type: 'impression', ...place, props },
    { type: 'ticket_click', ...place, props: { ticket_provider: 'dice' } },
    { type: 'interest', ...place, undo: true },
    { type: 'click', ...place, props },
  ]);
});

test('leaves out what is not said', () => {
  expect(trackAttrs({ entity: 'event:1', impression: false, props: { none: null } })).toEqual({
    'data-track-entity': 'event:1',
  });
  expect(trackAttrs({ click: { name: 'load_more' } })).toEqual({ 'data-track-click': 'load_more' });
  expect(trackAttrs({ click: { type: 'ticket_click', name: 'vip' } })).toEqual({
    'data-track': 'ticket_click',
    'data-track-click': 'vip',
  });
});
