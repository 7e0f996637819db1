import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import {
  aCollector,
  changeStored,
  cleanUp,
  leavePage,
  startNetwork,
  storedEntries,
} from './fake-collector.ts';

beforeAll(startNetwork);
afterEach(cleanUp);

test('commits what one task records in one relaxed transaction, and does not wait for more', async () => {
  const collector = aCollector();
  const tracker = collector.tracker();
  await tracker.ready();
  tracker.track('click');
  await expect.poll(() => storedEntries(collector.key)).toHaveLength(1);
  const opened = vi.spyOn(IDBDatabase.prototype, 'transaction');
  const committed = vi.spyOn(IDBTransaction.prototype, 'commit');

  for (let position = 0; position < 20; position++) tracker.track('click', { position });
  await Promise.resolve();
  await expect.poll(() => committed.mock.calls.length).toBe(1);

  expect(opened.mock.calls).toEqual([['queue', 'readwrite', { durability: 'relaxed' }]]);
  await expect
    .poll(async () => (await storedEntries(collector.key)).flatMap(({ ids }) => ids))
    .toHaveLength(21);
});

test('lets a page delete its databases, and keeps what it records after that', async () => {
  const collector = aCollector();
  const tracker = collector.tracker();
  await tracker.ready();
  tracker.track('click', { name: 'stored' });
  await expect.poll(() => storedEntries(collector.key)).toHaveLength(1);
  const deleted = () =>
    new Promise((resolve, reject) => {
      const request = indexedDB.deleteDatabase(`turnout-${collector.key}`);
      request.onsuccess = () => resolve('deleted');
      request.onerror = reject;
      request.onblocked = () => resolve('blocked');
    });

  expect(await deleted()).toBe('deleted');
  // What memory holds at that moment is nothing that the page can have meant.
  tracker.track('click', { name: 'after' });
  const again = deleted();
  tracker.track('click', { name: 'meanwhile' });
  expect(await again).toBe('deleted');
  await expect.poll(async () => (await storedEntries(collector.key)).length).toBeGreaterThan(0);
  await tracker.flush();

  expect(collector.interactions().map(({ name }) => name)).toEqual(['after', 'meanwhile']);
});

test('stores hundreds of interactions of one task in a few entries: each put costs the page', async () => {
  const collector = aCollector();
  const tracker = collector.tracker();
  await tracker.ready();
  const put = vi.spyOn(IDBObjectStore.prototype, 'put');

  for (let position = 0; position < 500; position++) tracker.track('impression', { position });
  await expect
    .poll(async () => (await storedEntries(collector.key)).flatMap(({ ids }) => ids).length)
    .toBe(500);

  expect(put.mock.calls.length).toBeLessThan(10);
});

test('leaves the database alone until a click is answered, and loses nothing where the page goes before', async () => {
  const collector = aCollector();
  const tracker = collector.tracker();
  await tracker.ready();
  const opened = vi.spyOn(IDBDatabase.prototype, 'transaction');
  const button = document.body.appendChild(document.createElement('button'));
  const openedBetween: number[] = [];
  const clicked = new Promise<void>((resolve) => {
    button.addEventListener('click', () => tracker.track('like', { entity: 'event:42' }));
    // Between two listeners of one click the browser works off all promises.
    button.addEventListener('click', () => {
      openedBetween.push(opened.mock.calls.length);
      leavePage();
      resolve();
    });
  });

  await Promise.all([clicked, userEvent.click(button)]);

  expect(openedBetween).toEqual([0]);
  await expect.poll(() => collector.interactions().map(({ type }) => type)).toContain('like');
});

test('opens the database again when the browser has closed it', async () => {
  const collector = aCollector();
  const tracker = collector.tracker();
  await tracker.ready();
  tracker.track('click');
  await expect.poll(() => storedEntries(collector.key)).toHaveLength(1);
  vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementationOnce(() => {
    throw new DOMException('The database connection is closing.', 'InvalidStateError');
  });

  tracker.track('click');

  await expect.poll(() => storedEntries(collector.key)).toHaveLength(2);
});

test('says in debug mode that the queue lives in memory', async () => {
  const debug = vi.spyOn(console, 'debug').mockImplementation(() => {});
  vi.spyOn(indexedDB, 'open').mockImplementation(() => {
    throw new DOMException('denied', 'SecurityError');
  });
  const tracker = aCollector().tracker({ debug: true });

  tracker.track('click');
  await tracker.flush();

  const said = () => debug.mock.calls.map(([text]) => String(text)).join('\n');
  await expect.poll(said, { timeout: 10_000 }).toContain('IndexedDB is refused: the queue lives in memory');
});

test.each([
  ['never', undefined],
  ['late', 3_500],
])(
  'delivers once, after a bounded wait, when the database answers %s',
  async (_, answersAfterMs) => {
    const open = indexedDB.open.bind(indexedDB);
    const collector = aCollector();
    let isAnswered = answersAfterMs === undefined;
    vi.spyOn(indexedDB, 'open').mockImplementation((name) => {
      const request = { result: undefined } as unknown as {
        -readonly [Key in keyof IDBOpenDBRequest]: never;
      };
      if (answersAfterMs) {
        setTimeout(() => {
          const real = open(name);
          real.onupgradeneeded = () => real.result.createObjectStore('queue');
          real.onsuccess = () => {
            request.result = real.result as never;
            (request as unknown as IDBOpenDBRequest).onsuccess?.(new Event('success'));
            isAnswered = true;
          };
        }, answersAfterMs);
      }
      return request as unknown as IDBOpenDBRequest;
    });
    const first = collector.tracker();

    first.track('click', { name: 'one' });
    await first.flush();
    expect(collector.interactions().map(({ name }) => name)).toEqual(['one']);
    first.track('click', { name: 'two' });
    await first.flush();
    vi.restoreAllMocks();
    first.stop();
    await expect.poll(() => isAnswered, { timeout: 5_000 }).toBe(true);
    const second = collector.tracker();
    await second.ready();
    await second.flush();

    expect(collector.interactions().map(({ name }) => name)).toEqual(['one', 'two']);
  },
  15_000,
);

test('sends what version 0.1.0 stored one by one', async () => {
  const collector = aCollector();
  const first = collector.tracker();
  first.track('click');
  await expect.poll(() => storedEntries(collector.key)).toHaveLength(1);
  const old = (n: number) => {
    const id = `01912345-6789-7abc-8def-0123456789a${n}`;
    return {
      kind: 'interaction',
      id,
      at: Date.now(),
      bytes: 200,
      text: JSON.stringify({ id, type: 'like', occurred_at: Date.now() }),
      context: '{"page_path":"/"}',
      owner: `{"sdk":"js/0.1.0","visitor_id":"${id}","session_id":"${id}"}`,
    };
  };
  localStorage.setItem(`turnout:${collector.key}:spill:${old(1).id}`, JSON.stringify(old(1)));
  await changeStored(collector.key, (entry) => ({ ...old(2), id: entry.id }) as never);

  first.stop();
  await collector.tracker().flush();

  expect(collector.attempts.map(({ attempt }) => attempt)).toEqual([1, 1]);
  expect(collector.interactions().map(({ type }) => type)).toEqual(['like', 'like']);
  expect(await storedEntries(collector.key)).toEqual([]);
});

test('sends nothing that a withdrawal could not delete at once', async () => {
  const collector = aCollector();
  const tracker = collector.tracker();
  tracker.track('click', { name: 'before' });
  await expect.poll(() => storedEntries(collector.key)).toHaveLength(1);
  vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(() => {
    throw new DOMException('disk', 'UnknownError');
  });
  tracker.consent.deny();
  await tracker.flush();
  tracker.consent.grant();
  tracker.track('click', { name: 'after' });
  await tracker.flush();
  vi.restoreAllMocks();

  await tracker.flush();

  expect(collector.interactions().map(({ name }) => name)).toEqual(['after']);
  expect(await storedEntries(collector.key)).toEqual([]);
});
