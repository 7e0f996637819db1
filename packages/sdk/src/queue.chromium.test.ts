import { HttpResponse } from 'msw';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { asStored, type Entry, freeze } from './batch.ts';
import { createLog } from './debug.ts';
import {
  aCollector,
  accept,
  anotherTab,
  changeStored,
  cleanUp,
  leavePage,
  startNetwork,
  storedEntries,
} from './fake-collector.ts';
import { createQueue } from './queue.ts';

beforeAll(startNetwork);
afterEach(cleanUp);

const A_DAY = 86_400_000;
const spills = (key: string) => Object.keys(localStorage).filter((name) => name.includes(`${key}:spill`));
const told = (collector: ReturnType<typeof aCollector>) =>
  collector.attempts.map(({ batch }) => batch.dropped);

/** Leaves an interaction in the queue that is too old to be sent. */
async function anExpired(collector: ReturnType<typeof aCollector>) {
  const tracker = collector.tracker();
  tracker.track('click', { name: 'old' });
  await expect.poll(() => storedEntries(collector.key)).toHaveLength(1);
  await changeStored(collector.key, (entry) => ({ ...entry, at: entry.at - 15 * A_DAY }));
  return tracker;
}

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

test('spills what localStorage has room for, the newest first', async () => {
  vi.spyOn(indexedDB, 'open').mockImplementation(() => {
    throw new DOMException('denied', 'SecurityError');
  });
  const collector = aCollector(() => HttpResponse.error());
  const tracker = collector.tracker();
  const setItem = Storage.prototype.setItem;
  let room = 3;
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(function (this: Storage, name, value) {
    if (name.includes(':spill:') && room-- <= 0) throw new DOMException('full', 'QuotaExceededError');
    setItem.call(this, name, value);
  });

  // Sent before, so that leaving the page freezes nothing.
  for (let position = 0; position < 5; position++) {
    tracker.track('click', { position });
    await tracker.flush();
  }
  leavePage();

  const positions = spills(collector.key).map(
    (name) =>
      JSON.parse(JSON.parse(localStorage.getItem(name) ?? '').body).interactions[0].position as number,
  );
  expect(positions.sort()).toEqual([2, 3, 4]);
});

test('leaves most of localStorage to the page', async () => {
  vi.spyOn(indexedDB, 'open').mockImplementation(() => {
    throw new DOMException('denied', 'SecurityError');
  });
  const collector = aCollector(() => HttpResponse.error());
  const tracker = collector.tracker();

  for (let position = 0; position < 300; position++) {
    tracker.track('click', { position, props: { text: 'x'.repeat(7_000) } });
  }
  await tracker.flush();
  leavePage();

  const length = spills(collector.key).reduce(
    (sum, name) => sum + (localStorage.getItem(name) ?? '').length,
    0,
  );
  expect(length).toBeGreaterThan(500_000);
  expect(length).toBeLessThanOrEqual(1_000_000);
  for (const name of spills(collector.key)) localStorage.removeItem(name);
});

test('takes back what it spilled when the page returns, and sends it once', async () => {
  const collector = aCollector();
  const tracker = collector.tracker();
  tracker.track('click', { name: 'kept' });
  document.dispatchEvent(new Event('freeze'));
  expect(spills(collector.key)).toHaveLength(1);

  document.dispatchEvent(new Event('resume'));
  await expect.poll(() => spills(collector.key)).toEqual([]);
  await tracker.flush();
  window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
  await tracker.flush();

  expect(collector.interactions().map(({ name }) => name)).toEqual(['kept']);
  expect(await storedEntries(collector.key)).toEqual([]);
});

test('reads past a spill that is not ours', async () => {
  const collector = aCollector();
  for (const text of ['', 'null', '[1]', '{"id":"x"}', '{"bytes":1,"ids":[]}', '{"text":"{}"}', '{']) {
    localStorage.setItem(`turnout:${collector.key}:spill:${text}`, text);
  }
  const tracker = collector.tracker();
  await tracker.ready();

  tracker.track('click');
  await tracker.flush();

  expect(collector.attempts).toHaveLength(1);
  expect(spills(collector.key)).toEqual([]);
});

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

test('tells how many interactions were dropped, once, also after a reload', async () => {
  const collector = aCollector(() => HttpResponse.error());
  const first = await anExpired(collector);
  await first.flush(); // Drops, and has nothing to tell it with.
  first.stop();

  const second = collector.tracker();
  second.track('click', { name: 'new' });
  await second.flush();
  collector.answer(accept);
  await second.flush();
  second.track('click', { name: 'newer' });
  await second.flush();

  expect(told(collector)).toEqual([1, 1, undefined]);
  expect(new Set(collector.attempts.map(({ text }) => text)).size).toBe(2);
});

test('counts on when the batch that tells of drops is dropped itself', async () => {
  const collector = aCollector(() => HttpResponse.error());
  const tracker = await anExpired(collector);
  tracker.track('click', { name: 'tells, but never arrives' });
  await tracker.flush();
  expect(told(collector)).toEqual([1]);

  await changeStored(collector.key, (entry) => ({ ...entry, at: entry.at - 15 * A_DAY }));
  collector.answer(accept);
  tracker.track('click', { name: 'new' });
  await tracker.flush();

  expect(told(collector)).toEqual([1, 2]);
});

test('counts once what two tabs find too old', async () => {
  const collector = aCollector();
  const one = await anExpired(collector);
  const two = anotherTab(collector);

  one.track('click');
  two.track('click');
  await Promise.all([one.flush(), two.flush()]);
  two.stop();

  expect(told(collector).reduce<number>((sum, dropped) => sum + (dropped ?? 0), 0)).toBe(1);
});

test('tells of what the collector refused, with the next batch', async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  const collector = aCollector((attempt, n) =>
    n === 0 ? new HttpResponse(null, { status: 400 }) : accept(attempt, n),
  );
  const tracker = collector.tracker();
  tracker.track('click');
  tracker.track('click');
  await tracker.flush();

  tracker.track('click');
  await tracker.flush();
  await changeStored(collector.key, (entry) => ({ ...entry, at: entry.at - 15 * A_DAY }));
  tracker.track('click');
  await tracker.flush();

  expect(told(collector)).toEqual([undefined, 2, undefined]);
  expect(await storedEntries(collector.key)).toEqual([]);
});

test('forgets the number of dropped interactions with everything else when consent is withdrawn', async () => {
  const collector = aCollector();
  const tracker = await anExpired(collector);
  await tracker.flush();
  expect(await storedEntries(collector.key)).toMatchObject([{ kind: 'draft', ids: [], dropped: 1 }]);

  tracker.consent.deny();
  await expect.poll(() => storedEntries(collector.key)).toEqual([]);
  tracker.consent.grant();
  tracker.track('click');
  await tracker.flush();

  expect(told(collector)).toEqual([undefined]);
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

test('keeps the spill of a page until IndexedDB has it, or the collector', async () => {
  const key = `wk_${crypto.randomUUID()}`;
  const aQueue = () => createQueue(key, createLog(), () => {});
  const waiting = {
    id: 'recorded',
    at: Date.now(),
    text: '{"id":"recorded"}',
    context: '{}',
    owner: '{"a":1}',
  };
  const [batch] = freeze([waiting], 'batch') as [Entry];
  const early = aQueue();
  early.add(waiting);
  early.spill();
  const refused = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError');
  });

  // A page that may crash: what it takes over is in its memory only.
  const page = aQueue();
  await page.read();
  expect(spills(key)).toEqual([`turnout:${key}:spill:recorded`]);
  await page.write([asStored(batch)], ['recorded']);
  expect(spills(key)).toEqual([`turnout:${key}:spill:recorded`]);
  await page.write([], [batch.id, 'recorded']);
  expect(spills(key)).toEqual([]);

  // One that finds IndexedDB well again.
  early.add(waiting);
  early.spill();
  refused.mockRestore();
  const next = aQueue();
  expect(await next.read()).toMatchObject([{ ids: ['recorded'] }]);
  expect(spills(key)).toEqual([]);
});
