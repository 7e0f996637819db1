import { expect, test } from 'vitest';
import { readOptions } from './options.ts';

test('fills in defaults', () => {
  expect(readOptions({ key: 'wk_demo', endpoint: 'https://stats.example.com/' })).toEqual({
    key: 'wk_demo',
    endpoint: 'https://stats.example.com',
    env: undefined,
    consent: undefined,
    userId: undefined,
    pageViews: true,
    flushAfterMs: 5_000,
    cookieless: false,
    cookieDomain: undefined,
    respectDnt: false,
    ownHosts: [],
    keepParameters: [],
    scrub: true,
    sample: {},
    beforeSend: undefined,
    debug: false,
  });
});

test.each([
  [
    undefined,
    'createTracker: "key" cannot be undefined. Pass the write key of your site, such as \'wk_demo\'.',
  ],
  [{ key: ' ' }, '"key" cannot be " "'],
  [
    { key: 'k', endpoint: 'stats.example.com' },
    '"endpoint" cannot be "stats.example.com". Pass the address of',
  ],
  [{ key: 'k', endpoint: '//stats.example.com' }, '"endpoint" cannot be'],
  [{ key: 'k', endpoint: 'ftp://stats.example.com' }, '"endpoint" cannot be'],
  [{ key: 'k', consent: 'yes' }, "\"consent\" cannot be \"yes\". Pass 'granted', 'denied' or 'pending'"],
  [{ key: 'k', flushAfterMs: Number.NaN }, '"flushAfterMs" cannot be NaN'],
  [{ key: 'k', userId: {} }, '"userId" cannot be [object Object]'],
  [{ key: 'k', cookieDomain: 'https://a.example' }, '"cookieDomain" cannot be "https://a.example"'],
  [{ key: 'k', ownHosts: 'a.example' }, '"ownHosts" cannot be "a.example"'],
  [
    { key: 'k', decorateTicketLinks: {} },
    '"decorateTicketLinks.source" cannot be undefined. Pass a text, such as { source: \'my-venue\' }',
  ],
  [
    { key: 'k', decorateTicketLinks: { source: 'v', clickIdParameter: 7 } },
    '"decorateTicketLinks.clickIdParameter" cannot be 7',
  ],
  [{ key: 'k', keepParameters: 'page' }, '"keepParameters" cannot be "page"'],
  [{ key: 'k', sample: { scroll: 20 } }, '"sample.scroll" cannot be 20. Pass a share from 0 to 1'],
  [{ key: 'k', beforeSend: true }, '"beforeSend" cannot be true'],
])('teaches what is wrong with %j', (options, message) => {
  expect(() => readOptions(options as never)).toThrow(TypeError);
  expect(() => readOptions(options as never)).toThrow(message);
});

test('takes a path on the own origin for an endpoint', () => {
  expect(readOptions({ key: 'k', endpoint: '/t/' }).endpoint).toBe('/t');
});

test('takes a user who is a number, and nobody who is null', () => {
  const at = { key: 'k', endpoint: '/t' };

  expect(readOptions({ ...at, userId: 7 as never }).userId).toBe('7');
  expect(readOptions({ ...at, userId: null as never }).userId).toBeUndefined();
});
