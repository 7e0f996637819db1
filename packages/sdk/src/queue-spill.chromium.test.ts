import { HttpResponse } from 'msw';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { asStored, type Entry, freeze } from './batch.ts';
import { createLog } from './debug.ts';
import { aCollector, cleanUp, leavePage, startNetwork, storedEntries } from './fake-collector.ts';
import { createQueue } from './queue.ts';

beforeAll(startNetwork);
afterEach(cleanUp);

const spills = (key: string) => Object.keys(localStorage).filter((name) => name.includes(`${key}:spill`));

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
