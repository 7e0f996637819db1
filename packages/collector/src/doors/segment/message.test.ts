import { expect, test } from 'vitest';
import { readMessage, sharedIn } from './message.ts';

test('reads what a batch says of all messages once, and carries none of what it does not need to each', () => {
  let reads = 0;
  const large = (names: object) =>
    Object.defineProperty({ ...names }, 'rest', {
      enumerable: true,
      get: () => {
        reads += 1;
        return {};
      },
    });
  const shared = sharedIn({
    context: large({ locale: 'de-DE', page: large({ url: 'https://a.example/' }) }),
    integrations: large({ Amplitude: { session_id: 17 } }),
  });
  const readsOfAll = reads;
  const page = (properties: object) =>
    readMessage({ type: 'page', userId: 'ann', properties }, undefined, shared);

  expect(page({ title: 'Home' })).toMatchObject({
    page: { page_url: 'https://a.example/', title: 'Home', language: 'de-DE' },
    integrations: { Amplitude: { session_id: 17 } },
  });
  page({});

  expect(reads).toBe(readsOfAll);
});
