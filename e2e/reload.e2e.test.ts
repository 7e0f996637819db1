import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { aDataDirWithTables, startCollector } from './collector.ts';

const SOON = { timeout: 60_000 };

const aSite = (id: string, ...writeKeys: unknown[]) => ({
  id,
  time_zone: 'UTC',
  currency: 'USD',
  write_keys: writeKeys,
  origins: [],
});

test('SIGHUP loads the sites again without a request lost; a broken file changes nothing', async () => {
  const { dataDir, remove } = await aDataDirWithTables();
  onTestFinished(remove);
  const file = join(dataDir, 'sites.json');
  const write = (...sites: object[]) => writeFile(file, JSON.stringify({ sites }));
  await write(aSite('club', 'wk_first'), aSite('hall', 'wk_hall'));
  const collector = await startCollector(dataDir, [], { TURNOUT_SITES: file });
  onTestFinished(async () => void (await collector.stop()));
  const post = async (key: string) => {
    const response = await fetch(`${collector.url}/v1/interactions?key=${key}&attempt=0`, {
      method: 'POST',
      body: JSON.stringify({
        batch_id: randomUUID(),
        visitor_id: 'fan',
        session_id: randomUUID(),
        interactions: [{ id: randomUUID(), type: 'page_view', occurred_at: Date.now() }],
      }),
    });
    const { error } = (await response.json()) as { error?: { code: string } };
    return error ? `${response.status} ${error.code}` : String(response.status);
  };
  expect(await post('wk_hall')).toBe('202');

  // Fans go on all the while.
  const answers: string[] = [];
  let isOver = false;
  const fans = Array.from({ length: 4 }, async () => {
    while (!isOver) answers.push(await post('wk_first').catch(String));
  });
  const someMore = () => {
    const soFar = answers.length;
    return expect.poll(() => answers.length, SOON).toBeGreaterThan(soFar + 20);
  };

  await write(aSite('club', 'wk_first', 'wk_second'), aSite('hall', 'wk_hall'));
  collector.reload();
  await expect.poll(() => post('wk_second'), SOON).toBe('202');
  await someMore();

  await write({ ...aSite('club', 'wk_first'), currency: 'dollars', time_zone: 'Mars/Olympus' });
  collector.reload();
  await expect
    .poll(collector.logged, SOON)
    .toMatch(/sites\[0\]\.time_zone[^\n]+\n[^\n]+sites\[0\]\.currency/);
  expect(collector.logged()).toContain('the old sites stay');
  expect(await post('wk_second')).toBe('202');
  await someMore();

  // One site goes, and one key is revoked. What the site has sent stays.
  await write(aSite('club', 'wk_first', { key: 'wk_second', revoked: true }));
  collector.reload();
  await expect.poll(() => post('wk_second'), SOON).toBe('401 key_revoked');
  expect(await post('wk_hall')).toBe('401 key_unknown');
  const ofHall = () =>
    collector.query<{ rows: number }>(
      "SELECT toInt32(count()) AS rows FROM interactions WHERE site_id = 'hall'",
    );
  await expect.poll(ofHall, SOON).toEqual([{ rows: 1 }]);

  for (let time = 0; time < 20; time += 1) {
    collector.reload();
    await post('wk_first');
  }
  await someMore();
  isOver = true;
  await Promise.all(fans);

  expect(answers.filter((answer) => answer !== '202')).toEqual([]);
  const ofClub = "SELECT toInt32(count()) AS rows FROM interactions WHERE site_id = 'club'";
  await expect
    .poll(async () => (await collector.query<{ rows: number }>(ofClub))[0]?.rows, SOON)
    .toBeGreaterThanOrEqual(answers.length);
});
