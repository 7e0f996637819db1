import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { aDataDirWithTables, type RunningCollector, runTurnout, startCollector } from './collector.ts';

const PEOPLE = ['anna', 'bert', 'carl', 'dora'];
const ROWS_EACH = 200;

/** Everybody does things with the same events, in one browser each, at times within the last week. */
async function record(collector: RunningCollector, who: string, occurredAt = 0): Promise<number> {
  const response = await fetch(`${collector.url}/v1/interactions?key=wk_demo&attempt=0`, {
    method: 'POST',
    headers: { 'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' },
    body: JSON.stringify({
      batch_id: randomUUID(),
      user_id: who,
      visitor_id: `browser-of-${who}`,
      session_id: randomUUID(),
      interactions: Array.from({ length: ROWS_EACH }, (_, index) => ({
        id: randomUUID(),
        type: index % 2 === 0 ? 'click' : 'impression',
        occurred_at: occurredAt || Date.now() - 60_000 - (index % 7) * 86_400_000,
        entity_type: 'event',
        entity_id: `e${index % 5}`,
      })),
    }),
  });
  return ((await response.json()) as { accepted: number }).accepted;
}

const count = async (collector: RunningCollector, condition: string) =>
  Number(
    (
      await collector.query<{ rows: string }>(
        `SELECT toString(count()) AS rows FROM turnout.interactions WHERE ${condition}`,
      )
    )[0]?.rows,
  );

/** Asks for an erasure and kills collector and engine when it reaches a step; false when it was done before. */
async function eraseAndDie(collector: RunningCollector, ids: string[], step: number): Promise<boolean> {
  const run = JSON.parse(await readFile(join(collector.dataDir, 'run.json'), 'utf8')) as {
    admin_token: string;
  };
  const response = await fetch(`${collector.url}/v1/privacy/erase`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${run.admin_token}` },
    body: JSON.stringify({ ids }),
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let said = '';
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: '' };
    said += value ?? '';
    if (done || said.includes('"receipt"')) return false;
    if (said.split('\n').length <= step) continue;
    process.kill(collector.enginePid, 'SIGKILL');
    await collector.kill();
    return true;
  }
}

test('a kill in the middle of an erasure leaves nothing behind once it has gone on', async () => {
  const { dataDir, remove } = await aDataDirWithTables();
  onTestFinished(remove);
  let collector = await startCollector(dataDir);
  onTestFinished(() => collector.kill());
  for (const who of PEOPLE) expect(await record(collector, who)).toBe(ROWS_EACH);
  await expect.poll(() => count(collector, '1'), { timeout: 60_000 }).toBe(PEOPLE.length * ROWS_EACH);

  // Before anything is deleted, in the midst of deleting, and while days are counted anew.
  for (const step of [2, 6, 14]) {
    expect(await eraseAndDie(collector, ['anna', 'bert'], step)).toBe(true);
    collector = await startCollector(dataDir);
  }

  await expect
    .poll(() => count(collector, `user_id IN ('anna', 'bert')`), { timeout: 60_000, interval: 200 })
    .toBe(0);
  const erased = await runTurnout(['erase-user', 'anna', 'bert', '--data-dir', dataDir]);
  expect(erased).toMatchObject({ code: 0, out: expect.stringContaining('"remaining": 0') });
  expect(erased.err).toContain('looking again: interactions');
  expect(await count(collector, '1')).toBe(2 * ROWS_EACH);
  expect(await record(collector, 'anna', Date.now() - 3_600_000)).toBe(0);
  expect(await runTurnout(['verify', '--data-dir', dataDir])).toMatchObject({ code: 0 });
  expect(await collector.stop()).toBe(0);

  // Not even the tombstones know who it was.
  expect(await readFile(join(dataDir, 'erasures.json'), 'utf8')).not.toContain('anna');
  const zip = join(dataDir, 'carl.zip');
  const exported = await runTurnout(['export-user', 'carl', '--data-dir', dataDir, '--out', zip]);
  expect(exported).toMatchObject({ code: 0, out: `${zip}\n` });
}, 180_000);
