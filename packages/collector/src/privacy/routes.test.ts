import { expect, test } from 'vitest';
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
