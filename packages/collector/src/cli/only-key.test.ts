import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { demoSite } from '../sites.ts';
import { aFolder } from '../testing/temporary.ts';
import { onlyKey } from './only-key.ts';

const demo = { sites: [demoSite] };

/** A collector that runs with a sites file of its own. */
async function running(...sites: object[]) {
  const sites_file = join(await aFolder(), 'sites.json');
  await writeFile(sites_file, JSON.stringify({ sites }));
  return { pid: 1, url: '', sql_url: '', admin_token: '', sites_file };
}

const aSite = (id: string) => ({
  id,
  time_zone: 'UTC',
  currency: 'GBP',
  write_keys: [`wk_${id}_1`],
  origins: [],
});

test('the key is that of the one site of the collector that runs, whatever this shell says', async () => {
  expect(onlyKey(demo, undefined)).toBe('wk_demo');
  expect(onlyKey(demo, await running(aSite('venue')))).toBe('wk_venue_1');
});

test('of several sites none is guessed', async () => {
  const several = await running(aSite('venue'), aSite('hall'));

  expect(() => onlyKey(demo, several)).toThrow(
    'Say for which site, by one of its write keys: --key wk_venue_1 (venue), --key wk_hall_1 (hall).',
  );
});
