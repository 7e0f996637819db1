import { expect, test } from 'vitest';
import { anApp } from '../../testing/app.ts';
import { aTrack, at, basic } from './a-track.test-helper.ts';

test('stores one row for a message that is sent again, and looks it up', async () => {
  const { post, rows, entries } = anApp();
  for (let attempt = 0; attempt < 3; attempt += 1)
    await post('/v1/t', aTrack('Any', {}, { sentAt: at(attempt) }), basic('wk_demo'));

  expect(rows()).toHaveLength(1);
  expect(entries().map(({ kind }) => kind)).toEqual(['d']);
});

test('gives a message without messageId a fresh id, and counts a warning', async () => {
  const { post, rows, warnings } = anApp();
  for (let time = 0; time < 2; time += 1)
    await post('/v1/t', aTrack('Any', {}, { messageId: undefined }), basic('wk_demo'));

  expect(new Set(rows().map(({ id }) => id)).size).toBe(2);
  expect(warnings).toMatchObject({ missing_message_id: 2 });
});
