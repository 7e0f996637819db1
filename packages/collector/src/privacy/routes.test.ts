import { expect, onTestFinished, test, vi } from 'vitest';
import { venue } from '../testing/app.ts';
import { DatabaseError } from '../writable-database.ts';
import { createExclusive } from './exclusive.ts';
import { createPrivacy } from './routes.ts';

const SQL = 'Code: 60. Unknown table in: ALTER TABLE turnout.interactions DELETE WHERE user_key = 4711';

test('says what the database said to the operator, and to a site only that it failed', async () => {
  const logged: object[] = [];
  const privacy = createPrivacy({
    token: 'the admin token of this test',
    sites: () => [venue],
    database: {} as never,
    make: { person: () => '1', visitor: () => '2' },
    eraser: {
      erase: async () => {
        throw new DatabaseError(60, SQL);
      },
    } as never,
    writer: { drain: async () => true },
    exclusive: createExclusive(),
    log: { error: (details) => logged.push(details) },
  });
  const erase = async (token: string) =>
    (
      await privacy.request('/v1/privacy/erase?site=venue', {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}`, 'X-Request-Id': 'r-17' },
        body: '{"ids":["u1"]}',
      })
    ).text();

  const toSite = await erase(venue.secretKeys[0] ?? '');
  const toOperator = await erase('the admin token of this test');

  expect(JSON.parse(toSite).error).toContain('Its id is r-17. Send the same again later');
  expect(toSite).not.toMatch(/turnout\.|ALTER|4711/);
  expect(logged).toEqual([{ requestId: 'r-17', path: '/v1/privacy/erase', error: SQL }]);
  expect(JSON.parse(toOperator).error).toBe(SQL);
});

test('goes on saying that it waits, and then where it is', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const exclusive = createExclusive();
  const release: (() => void)[] = [];
  const until = () => new Promise<void>((done) => release.push(done));
  const before = exclusive.run(until);
  const privacy = createPrivacy({
    token: 'the admin token of this test',
    sites: () => [venue],
    database: {} as never,
    make: { person: () => '1', visitor: () => '2' },
    eraser: {
      async erase(_site: string, _ids: string[], onProgress: (step: object) => void) {
        onProgress({ step: 'deleting' });
        await until();
        return {};
      },
    } as never,
    writer: { drain: async () => true },
    exclusive,
    log: { error: () => {} },
  });

  const answer = await privacy.request('/v1/privacy/erase?site=venue', {
    method: 'POST',
    headers: { Authorization: `Bearer ${venue.secretKeys[0]}` },
    body: '{"ids":["u1"]}',
  });
  const lines = (answer.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
  const next = async () => JSON.parse((await lines.read()).value ?? '') as object;

  vi.advanceTimersByTime(15_000);
  expect(await next()).toMatchObject({ progress: { step: 'waiting for its turn' } });
  release.shift()?.();
  await before;
  expect(await next()).toEqual({ progress: { step: 'deleting' } });
  vi.advanceTimersByTime(15_000);
  expect(await next()).toEqual({ progress: { step: 'deleting' } });
  release.shift()?.();
  expect(await next()).toEqual({ receipt: {} });
  expect((await lines.read()).done).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});
