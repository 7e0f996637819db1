import type { InteractionRow } from '@turnout/schema';
import { forCluster } from '@turnout/schema/migrate';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { anEngineForThisFile } from '../testing/engine.ts';
import { aRow } from '../testing/rows.ts';
import { typeSchemas } from './type-schema.ts';
import { typedView } from './typed-view.ts';

const { database } = anEngineForThisFile();

const props = z.object({
  songs: z.number().int(),
  seconds: z.number().nullable(),
  source: z.enum(["modal's", 'page']),
  is_encore: z.boolean().optional(),
  guests: z.array(z.string()).optional(),
  stage: z.object({ name: z.string() }).optional(),
  type: z.string().describe("What's shown"),
  id: z.number().optional(),
  prop_id: z.string().optional(),
  from: z.string().optional(),
  limit: z.number().optional(),
  select: z.string().optional(),
  'with space': z.string().optional(),
  email: z.string().optional(),
});
const { setlist_open: schema } = typeSchemas({
  setlist_open: { description: "Fan opened the event's setlist", props, pii: ['email'] },
});
const sql = typedView('setlist_open', schema as NonNullable<typeof schema>);

async function insert(rows: Partial<InteractionRow>[]) {
  const batch = '019b7706-0000-7000-8000-0000000000bb';
  const lines = rows.map((row) =>
    JSON.stringify({ ...aRow({ type: 'custom', name: 'setlist_open', ...row }), batch }),
  );
  await database().insertBlock('turnout.interactions', batch, new TextEncoder().encode(lines.join('\n')));
}

test('has a column of its type for each prop of a custom type, and counts what other views count', async () => {
  await insert([
    {
      props: {
        songs: 12, seconds: 3.5, source: "modal's", is_encore: true, guests: ["Ann's", 'Bo'],
        stage: { name: 'Tent' }, type: 'acoustic', id: 7, prop_id: 'own', from: 'modal', limit: 3, select: 'all', 'with space': 'x', email: 'a@b.example',
      },
    }, // biome-ignore format: one row
    { user_key: '18', props: { songs: 'many', seconds: 4, source: 'page', type: '' } },
    { is_bot: 1, props: { songs: 1 } },
    { env: 'test', props: { songs: 2 } },
    { name: 'other', props: { songs: 3 } },
    { type: 'click', name: '', props: { songs: 4 } },
  ]);

  await database().command(sql);
  await database().command(sql);

  const rows = await database().query(
    'SELECT * EXCEPT (id, ts, date, session_key) FROM turnout.custom_setlist_open ORDER BY user_key',
  );
  const rest = { site_id: 'demo', entity_type: 'event', entity_id: 'evt-1', surface: '' };
  expect(rows).toEqual([
    {
      ...rest, user_key: 17, songs: 12, seconds: 3.5, source: "modal's", is_encore: true, guests: `["Ann's","Bo"]`,
      stage: '{"name":"Tent"}', type: 'acoustic', prop_id: 7, prop_prop_id: 'own', prop_from: 'modal', prop_limit: 3, select: 'all',
    }, // biome-ignore format: one row
    {
      ...rest, user_key: 18, songs: null, seconds: 4, source: 'page', is_encore: null, guests: '',
      stage: '', type: '', prop_id: null, prop_prop_id: '', prop_from: '', prop_limit: null, select: '',
    }, // biome-ignore format: one row
  ]);
  const comments = await database().query<{ name: string; comment: string }>(
    "SELECT name, comment FROM system.columns WHERE database = 'turnout' AND table = 'custom_setlist_open'",
  );
  expect(comments.filter(({ comment }) => comment === '')).toEqual([]);
  expect(comments.find(({ name }) => name === 'type')?.comment).toBe(
    "What's shown. From its props; empty when it does not say.",
  );
  expect(sql).toContain('Without "with space"');
  expect(sql).not.toContain('email');
});

test('can be made on a cluster, too', () => {
  expect(forCluster(sql, 'fans')).toEqual([
    expect.stringContaining("CREATE OR REPLACE VIEW turnout.custom_setlist_open ON CLUSTER 'fans'"),
  ]);
});
