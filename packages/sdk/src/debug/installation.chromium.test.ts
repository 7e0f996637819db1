import { HttpResponse } from 'msw';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { aMouth, cleanUp, startNetwork } from '../fake-collector.ts';
import { readOptions } from '../options.ts';
import { reportInstallation } from './installation.ts';

beforeAll(startNetwork);
afterEach(cleanUp);

/** What a collector says to a batch that is none. */
const noBatch = () =>
  HttpResponse.json({ error: { code: 'not_a_batch', message: 'No batch.' } }, { status: 400 });

async function report(options: object): Promise<string> {
  const info = vi.spyOn(console, 'info').mockImplementation(() => {});
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  vi.spyOn(navigator, 'webdriver', 'get').mockReturnValue(false);
  await reportInstallation(readOptions({ key: 'wk_demo', ...options }));
  return [...info.mock.calls, ...warn.mock.calls].join('\n');
}

test('says that all is well', async () => {
  const collector = aMouth(noBatch);

  const said = await report(collector);

  expect(said.split('\n')).toEqual([
    `[turnout] Installation of "${collector.key}": all is well`,
    `  ok  ${collector.endpoint} answers.`,
    `  ok  The write key "${collector.key}" is known.`,
    `  ok  Its site takes interactions from ${location.origin}.`,
    '  ok  Consent is granted, because nobody was asked.',
    '  ok  IndexedDB works: what cannot be sent is kept until it can.',
    '  ok  localStorage works: visitors are recognised when they come back.',
    "  ok  Nothing that Turnout needs is blocked by the page's Content-Security-Policy.",
  ]);
});

test.each([
  [401, 'key_unknown', 'No site has this write key.', 'is refused: No site has this write key.'],
  [403, 'origin_refused', 'Add it to its "origins".', 'NO  This origin is refused: Add it to its "origins".'],
])('passes on what the collector says with a %s', async (status, code, message, expected) => {
  const collector = aMouth(() => HttpResponse.json({ error: { code, message } }, { status }));

  const said = await report(collector);

  expect(said).toContain('there is something to do');
  expect(said).toContain(expected);
});

test('says that a collector cannot be reached, or is none', async () => {
  const unreachable = aMouth(() => HttpResponse.error());
  expect(await report(unreachable)).toContain(`NO  ${unreachable.endpoint} cannot be reached`);
  vi.restoreAllMocks();

  const stranger = aMouth(() => new Response('<h1>Welcome</h1>', { status: 404 }));
  expect(await report(stranger)).toContain('NO  ');
});

test.each([
  [{ consent: 'pending' }, 'NO  Consent is pending'],
  [{ consent: 'denied' }, 'NO  Consent is denied'],
  [{ cookieless: true }, 'ok  Nothing is stored in the browser'],
])('says what %o means', async (options, expected) => {
  expect(await report({ ...aMouth(noBatch), ...options })).toContain(expected);
});

test('says which storage is refused', async () => {
  const collector = aMouth(noBatch);
  vi.spyOn(indexedDB, 'open').mockImplementation(() => {
    throw new DOMException('denied', 'SecurityError');
  });
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError');
  });

  const said = await report(collector);

  expect(said).toContain('NO  IndexedDB is refused');
  expect(said).toContain('NO  localStorage is refused');
});
