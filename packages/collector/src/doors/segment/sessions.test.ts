import { expect, test } from 'vitest';
import { anApp } from '../../testing/app.ts';
import { aTrack, at, basic } from './a-track.test-helper.ts';

test('ends a session after 30 minutes of silence, the same on every retry and in any order', async () => {
  const { post, rows } = anApp();
  const minutes = [0, 20, 45, 90, 95];
  const batch = minutes.map((minute) =>
    aTrack('Any', {}, { messageId: `m${minute}`, timestamp: at((minute - 100) * 60_000) }),
  );
  await post('/v1/batch', { batch: [...batch].reverse() }, basic('wk_demo'));

  const sessionOf = (minute: number) =>
    rows().find(
      ({ ts }) =>
        ts ===
        at((minute - 100) * 60_000)
          .replace('T', ' ')
          .slice(0, -1),
    )?.session_id;
  expect(minutes.map(sessionOf)).toEqual([
    sessionOf(0),
    sessionOf(0),
    sessionOf(0),
    sessionOf(90),
    sessionOf(90),
  ]);
  expect(sessionOf(0)).not.toBe(sessionOf(90));

  const again = anApp();
  await again.post('/v1/batch', { batch }, basic('wk_demo'));
  const idAndSession = (row: { id: string; session_id: string }) => `${row.id} ${row.session_id}`;
  expect(again.rows().map(idAndSession).sort()).toEqual(rows().map(idAndSession).sort());
});

test.each([
  [{ context: { sessionId: 'own-session' } }, 'own-session'],
  [{ context: { sessionId: 1_714_591_000 } }, undefined],
  [{ integrations: { 'Actions Amplitude': { session_id: 1_714_591_000 } } }, undefined],
])('takes the session that the client says: %j', async (said, expected) => {
  const { post, rows } = anApp();
  const batch = [0, -3_600_000].map((ms) =>
    aTrack('Any', {}, { messageId: `m${ms}`, timestamp: at(ms), ...said }),
  );

  await post('/v1/batch', { batch }, basic('wk_demo'));

  const [first, second] = rows();
  expect(first?.session_id).toBe(second?.session_id);
  if (expected) expect(first?.session_id).toBe(expected);
});
