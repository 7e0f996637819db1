import { HttpResponse } from 'msw';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { aCollector, accept, cleanUp, startNetwork, storedEntries } from './fake-collector.ts';

beforeAll(startNetwork);
afterEach(() => {
  vi.useRealTimers();
  cleanUp();
});

test('sets a batch aside that the collector calls none, and goes on with others', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const collector = aCollector((attempt, n) =>
    n === 0 ? HttpResponse.json({ message: 'not a batch' }, { status: 400 }) : accept(attempt, n),
  );
  const tracker = collector.tracker();
  const rejected = vi.fn();
  tracker.on('rejected', rejected);

  tracker.track('click', { name: 'bad' });
  await tracker.flush();
  tracker.track('click', { name: 'good' });
  await tracker.flush();

  expect(rejected).toHaveBeenCalledOnce();
  expect(rejected.mock.calls[0]?.[0]).toMatchObject({ code: 'batch_refused', interaction: { name: 'bad' } });
  expect(collector.attempts).toHaveLength(2);
  expect(await storedEntries(collector.key)).toMatchObject([{ kind: 'quarantine' }]);
  expect(warn).toHaveBeenCalledOnce();
});

test('sets a batch aside also when it was tried before', async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  const collector = aCollector((_, n) => new HttpResponse(null, { status: n === 0 ? 503 : 400 }));
  const tracker = collector.tracker();

  tracker.track('click');
  await tracker.flush();
  await tracker.flush();
  await tracker.flush();

  expect(collector.attempts).toHaveLength(2);
  const kinds = (await storedEntries(collector.key)).map(({ kind }) => kind);
  expect(kinds.sort()).toEqual(['draft', 'quarantine']);
});

test('stops with one message when the key is refused, and keeps everything', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const collector = aCollector(() => new HttpResponse('unknown key', { status: 401 }));
  const tracker = collector.tracker();

  tracker.track('click');
  await tracker.flush();
  tracker.track('click');
  await tracker.flush();

  expect(collector.attempts).toHaveLength(1);
  expect(warn).toHaveBeenCalledOnce();
  expect(warn.mock.calls[0]?.[0]).toMatch(/refused the write key "wk_.+401 unknown key.+Check the key/);
  await expect.poll(() => storedEntries(collector.key)).toHaveLength(2);
});

test('stays stopped when a refusal comes after the end', async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  let refuse = () => {};
  const collector = aCollector(
    () => new Promise((resolve) => (refuse = () => resolve(new HttpResponse(null, { status: 400 })))),
  );
  const tracker = collector.tracker();
  tracker.track('click');
  const flushed = tracker.flush();
  await expect.poll(() => collector.attempts.length).toBe(1);

  tracker.stop();
  refuse();
  await flushed;
  collector.answer(accept);
  collector.tracker().track('click');
  await expect.poll(() => storedEntries(collector.key)).toHaveLength(3);
  await tracker.flush();

  expect(collector.attempts).toHaveLength(1);
});

test('does not take the 200 of a captive portal for delivery', async () => {
  const collector = aCollector(() => HttpResponse.html('<h1>Welcome to our wifi</h1>'));
  const tracker = collector.tracker();

  tracker.track('click');
  await tracker.flush();
  collector.answer(() => HttpResponse.json({ ok: true }, { status: 202 }));
  await tracker.flush();
  expect(await storedEntries(collector.key)).toHaveLength(1);
  collector.answer(accept);
  await tracker.flush();

  expect(collector.attempts.map(({ attempt }) => attempt)).toEqual([0, 1, 2]);
  expect(new Set(collector.attempts.map(({ text }) => text)).size).toBe(1);
  expect(await storedEntries(collector.key)).toEqual([]);
});

test('tells which interactions of a batch were rejected', async () => {
  const collector = aCollector(({ batch }) =>
    HttpResponse.json(
      {
        accepted: 1,
        rejected: [
          { index: 1, id: batch.interactions[1]?.id, code: 'invalid', message: 'position: not a number' },
        ],
      },
      { status: 202 },
    ),
  );
  const tracker = collector.tracker();
  const sent = vi.fn();
  const rejected = vi.fn();
  tracker.on('sent', sent);
  tracker.on('rejected', rejected);

  tracker.track('click', { entity: 'event:1' });
  tracker.track('click', { entity: 'event:2' });
  await tracker.flush();

  expect(sent.mock.calls[0]?.[0]).toMatchObject({ accepted: 1, interactions: [{ entity_id: '1' }] });
  expect(rejected.mock.calls[0]?.[0]).toMatchObject({ code: 'invalid', interaction: { entity_id: '2' } });
  expect(await storedEntries(collector.key)).toEqual([]);
});
