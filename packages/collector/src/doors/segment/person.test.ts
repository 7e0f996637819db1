import { expect, test } from 'vitest';
import { anApp } from '../../testing/app.ts';
import { at, basic } from './a-track.test-helper.ts';

test('keeps of traits what the tables use, and nothing that says who somebody is', async () => {
  const { post, rows } = anApp();
  const traits = {
    email: 'ann@example.com',
    firstName: 'Ann',
    birthday: '1990-04-01',
    gender: 'female',
    address: { street: 'Elm 1', city: 'Leeds', country: 'GB' },
    plan: 'gold',
    full_name: 'Ann Lee',
    contact: { phoneNumber: 5_125_550_100, team: 'north' },
    // The names that Segment reserves for who somebody is, and some that people make up.
    ...{ phone: '+15125550100', name: 'Ann', lastName: 'Lee', first_name: 'Ann', last_name: 'Lee' },
    ...{ username: 'ann7', avatar: 'https://img.example/ann.png', password: 'Ann-1990', ip: '203.0.113.9' },
    'E-Mail': 'ann@example.com',
  };

  await post('/v1/i', { userId: 'u1', messageId: 'm', timestamp: at(0), traits }, basic('wk_demo'));

  expect(rows()).toMatchObject([
    {
      type: 'identify',
      user_id: 'u1',
      props: {
        birth_year: 1990,
        gender: 'female',
        city: 'Leeds',
        country: 'GB',
        plan: 'gold',
        contact: { team: 'north' },
      },
    },
  ]);
  expect(JSON.stringify(rows())).not.toMatch(
    /ann@example|Ann\b|Elm|5125550100|Lee\b|ann7|img\.example|203\.0|04-01/,
  );
  expect(Object.keys(rows()[0]?.props ?? {}).sort()).toEqual(
    ['birth_year', 'city', 'contact', 'country', 'gender', 'plan'].sort(),
  );
});

test('links the ids of alias', async () => {
  const { post, rows } = anApp();

  await post('/v1/a', { previousId: 'ann', userId: 'u1', messageId: 'm' }, basic('wk_demo'));

  expect(rows()).toMatchObject([{ type: 'custom', name: 'alias', visitor_id: 'ann', user_id: 'u1' }]);
});

test('keeps nothing of a person with a message that belongs to nobody', async () => {
  const { post, rejected } = anApp();
  const told = {
    traits: { email: 'ann@example.com' },
    context: { ip: '203.0.113.9' },
    userId: 'ann@example.com',
  };

  await post('/v1/i', { ...told, messageId: 'm-1', timestamp: 'yesterday' }, basic('wk_demo'));

  expect(rejected()).toMatchObject([{ text: JSON.stringify({ messageId: 'm-1', timestamp: 'yesterday' }) }]);
});
