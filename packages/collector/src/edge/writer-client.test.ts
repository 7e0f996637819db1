import { expect, test } from 'vitest';
import { openSalts } from '../pseudonym.ts';
import { writerAt } from './writer-client.ts';

const DAY_MS = 86_400_000;

test('a clock that is wrong gets the salt of today, and another one tomorrow', async () => {
  let now = Date.parse('2026-03-01T12:00:00Z');
  const files = new Map<string, Buffer>();
  const saltOf = await openSalts(
    {
      list: async () => [...files.keys()],
      read: async (name) => files.get(name) as Buffer,
      write: async (name, bytes) => void files.set(name, Buffer.from(bytes)),
    },
    () => now,
  );
  const asked: string[] = [];
  const namespace = {
    idFromName: (name: string) => name,
    get: () => ({
      fetch: async (url: string) => {
        const day = new URL(url).searchParams.get('day') ?? '';
        asked.push(day);
        return Response.json({ salt: await saltOf(day) });
      },
    }),
  };
  const writer = writerAt(namespace, () => now);

  const first = await writer.salt('1999-12-31');
  expect(await writer.salt('2026-03-01')).toBe(first);
  now += DAY_MS;
  const second = await writer.salt('1999-12-31');
  expect(second).not.toBe(first);
  // The day before is still told apart, and is forgotten here when the writer forgets it.
  expect(await writer.salt('2026-03-01')).toBe(first);
  now += 20 * DAY_MS;
  expect(await writer.salt('2026-03-01')).not.toBe(first);

  expect(asked).toEqual(['2026-03-01', '2026-03-02', '2026-03-22']);
});
