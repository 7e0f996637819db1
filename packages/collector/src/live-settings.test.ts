import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { createLiveSettings } from './live-settings.ts';
import { aGeoFile } from './testing/geo-file.ts';
import { aFolder } from './testing/temporary.ts';

const LEEDS = { country: { iso_code: 'GB' }, city: { names: { en: 'Leeds' } } };
const LYON = { country: { iso_code: 'FR' }, city: { names: { en: 'Lyon' } } };
const HEADERS = { TURNOUT_COUNTRY_HEADER: 'cf-ipcountry', TURNOUT_CITY_HEADER: 'cf-ipcity' };

function someSettings(env: NodeJS.ProcessEnv) {
  const said: object[] = [];
  const say = (details: object, message: string) => void said.push({ ...details, message });
  const live = createLiveSettings(readConfig({}, env), { info: say, error: say });
  const placeOf = (address: string, headers: Record<string, string> = {}) =>
    live.placeOf(new Headers(headers), address);
  return { ...live, placeOf, said };
}

test('the file of networks says where an address is', async () => {
  const path = await aGeoFile({
    '203.0.113.0/24': LEEDS,
    '198.51.0.0/16': LYON,
    '2001:db8:7:0:0:0:0:0/48': LYON,
    '192.0.2.0/25': { country: 'DE', city: 'Köln' },
    '192.0.3.0/24': { country_code: 'ES' },
  });
  const { placeOf } = someSettings({ TURNOUT_GEO_DB: path });

  expect(placeOf('203.0.113.77')).toEqual({ country: 'GB', city: 'Leeds' });
  expect(placeOf('198.51.100.1')).toEqual({ country: 'FR', city: 'Lyon' });
  expect(placeOf('2001:db8:7:1:2:3:4:5')).toEqual({ country: 'FR', city: 'Lyon' });
  expect(placeOf('192.0.2.1')).toEqual({ country: 'DE', city: 'Köln' });
  expect(placeOf('192.0.3.9')).toEqual({ country: 'ES' });
  for (const unknown of ['2001:db8:8::1', '192.0.4.1', '127.0.0.1', '']) expect(placeOf(unknown)).toEqual({});
});

test('only the network is looked up, never the very address', async () => {
  const path = await aGeoFile({ '192.0.2.0/25': LEEDS, '192.0.2.128/25': LYON });
  const { placeOf } = someSettings({ TURNOUT_GEO_DB: path });

  expect(placeOf('192.0.2.1')).toEqual({ country: 'GB', city: 'Leeds' });
  expect(placeOf('192.0.2.200')).toEqual({ country: 'GB', city: 'Leeds' });
});

test('a file for IPv4 alone knows nothing of IPv6', async () => {
  const path = await aGeoFile({ '32.0.0.0/8': LEEDS }, 4);
  const { placeOf } = someSettings({ TURNOUT_GEO_DB: path });

  expect(placeOf('32.1.2.3')).toEqual({ country: 'GB', city: 'Leeds' });
  // Its first bits are those of 32.1.13.184.
  expect(placeOf('2001:db8::1')).toEqual({});
});

test('what the network says in its headers wins', async () => {
  const path = await aGeoFile({ '203.0.113.0/24': LEEDS });
  const { placeOf } = someSettings({ TURNOUT_GEO_DB: path, ...HEADERS });

  expect(placeOf('203.0.113.7', { 'cf-ipcountry': 'GB', 'cf-ipcity': 'York' })).toEqual({
    country: 'GB',
    city: 'York',
  });
  // A city of another country would be nowhere.
  expect(placeOf('203.0.113.7', { 'cf-ipcountry': 'IE' })).toEqual({ country: 'IE' });
  expect(placeOf('203.0.113.7', { 'cf-ipcountry': 'GB' })).toEqual({ country: 'GB', city: 'Leeds' });
  expect(placeOf('203.0.113.7', { 'cf-ipcountry': 'XX' })).toEqual({ country: 'GB', city: 'Leeds' });
});

test('both files are loaded again, each only when it is good', async () => {
  const folder = await aFolder();
  const sitesFile = join(folder, 'sites.json');
  const geoFile = join(folder, 'places.mmdb');
  const site = { id: 'club', time_zone: 'UTC', currency: 'USD', write_keys: ['wk_club'], origins: [] };
  await writeFile(sitesFile, JSON.stringify({ sites: [site] }));
  await copyFile(await aGeoFile({ '203.0.113.0/24': LEEDS }), geoFile);
  const { sites, placeOf, reload, said } = someSettings({
    TURNOUT_SITES: sitesFile,
    TURNOUT_GEO_DB: geoFile,
  });

  await writeFile(sitesFile, JSON.stringify({ sites: [{ ...site, id: 'hall' }] }));
  await writeFile(geoFile, 'torn');
  reload();
  expect(sites().map(({ id }) => id)).toEqual(['hall']);
  expect(placeOf('203.0.113.7').city).toBe('Leeds');

  await writeFile(sitesFile, JSON.stringify({ sites: [{ ...site, id: 'THE HALL', currency: '' }] }));
  await copyFile(await aGeoFile({ '203.0.113.0/24': LYON }), geoFile);
  reload();
  expect(sites().map(({ id }) => id)).toEqual(['hall']);
  expect(placeOf('203.0.113.7').city).toBe('Lyon');

  expect(said).toEqual([
    { message: 'the sites file is loaded', sites: 1, added: ['hall'], removed: ['club'] },
    {
      message: 'the file of networks is not loaded: the old one stays',
      problem: expect.stringContaining('cannot be read as an .mmdb file'),
    },
    {
      message: 'the sites file is not loaded: the old sites stay',
      problem: expect.stringContaining('sites[0].id'),
    },
    {
      message: 'the sites file is not loaded: the old sites stay',
      problem: expect.stringContaining('sites[0].currency'),
    },
    { message: 'the file of networks is loaded' },
  ]);
});

test('a start without the file that is named says so', () => {
  expect(() => someSettings({ TURNOUT_GEO_DB: '/nowhere.mmdb' })).toThrow(
    'TURNOUT_GEO_DB names /nowhere.mmdb, which cannot be read as an .mmdb file',
  );
});
