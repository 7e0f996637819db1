import { expect, test } from 'vitest';
import { anApp } from '../../testing/app.ts';
import { aTrack, at, basic } from './a-track.test-helper.ts';

test('takes page, campaign, language and browser from the context', async () => {
  const { post, rows } = anApp();
  const context = {
    page: {
      url: 'https://v.example/e?id=1',
      path: '/e',
      referrer: 'https://s.example/',
      title: 'E',
      search: '?id=1',
    },
    campaign: { source: 'mail', medium: 'email', name: 'spring', term: 'jazz', content: 'top' },
    locale: 'en-GB',
    userAgent:
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15',
    library: { name: 'analytics.js', version: '2.1.0' },
  };

  await post(
    '/v1/p',
    { anonymousId: 'ann', userId: 'u1', messageId: 'm', timestamp: at(0), name: 'Event', context },
    basic('wk_demo'),
  );

  expect(rows()).toMatchObject([
    {
      type: 'page_view',
      visitor_id: 'ann',
      user_id: 'u1',
      user_key: 'u:u1',
      sdk: 'segment:analytics.js/2.1.0',
      page_url: 'https://v.example/e?id=1',
      page_path: '/e',
      referrer: 'https://s.example/',
      title: 'E',
      utm_source: 'mail',
      utm_medium: 'email',
      utm_campaign: 'spring',
      utm_term: 'jazz',
      utm_content: 'top',
      language: 'en-GB',
      browser: 'Safari',
      os: 'macOS',
      device: 'desktop',
      props: { name: 'Event' },
    },
  ]);
});

test('merges what a batch says of all its messages with what each says itself', async () => {
  const { post, rows } = anApp();
  const context = {
    library: { name: 'analytics-go', version: '3.3.0' },
    locale: 'de-DE',
    campaign: { source: 'mail' },
  };
  const own = { context: { locale: 'en-GB' }, integrations: { Amplitude: { session_id: 17 } } };

  await post(
    '/v1/batch',
    {
      batch: [aTrack('A'), aTrack('B', {}, own), aTrack('C', {}, { integrations: null, context: null })],
      context,
      integrations: { Amplitude: { session_id: 18 } },
    },
    basic('wk_demo'),
  );

  const shared = { sdk: 'segment:analytics-go/3.3.0', utm_source: 'mail' };
  const stored = ['A', 'B', 'C'].map((event) => rows().find(({ name }) => name === event));
  expect(stored).toMatchObject(['de-DE', 'en-GB', 'de-DE'].map((language) => ({ ...shared, language })));
  const [first, second, third] = stored.map((row) => row?.session_id);
  expect(third).toBe(first);
  expect(second).not.toBe(first);
});
