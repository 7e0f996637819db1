import { expect, test } from 'vitest';
import { isOriginAllowed } from './origins.ts';
import { demoSite, findWriter, type Site } from './sites.ts';
import { parseSites } from './sites-file.ts';

const aSite = (fields: object = {}) => ({
  id: 'venue',
  time_zone: 'America/Chicago',
  currency: 'USD',
  write_keys: ['wk_5f2c9a'],
  origins: ['https://venue.example'],
  ...fields,
});
const parse = (...sites: object[]) => parseSites(JSON.stringify({ sites }));

test('reads a file of sites', () => {
  expect(parse(aSite())).toEqual({
    sites: [
      {
        id: 'venue',
        name: 'venue',
        timeZone: 'America/Chicago',
        currency: 'USD',
        writeKeys: [{ key: 'wk_5f2c9a' }],
        secretKeys: [],
        origins: ['https://venue.example'],
        strict: false,
        countAutomation: false,
      },
    ],
  });
  expect(parse(aSite({ name: 'Blue Room', strict: true, origins: [] }))).toMatchObject({
    sites: [{ name: 'Blue Room', strict: true }],
  });
});

test('reports every problem at once, each with its place and what to do', () => {
  const wrong = aSite({
    id: 'Blue Room',
    time_zone: 'Mars/Olympus',
    currency: 'dollars',
    write_keys: [],
    origins: ['https://venue.example/', 'https://venue.example:443'],
    timezone: 'UTC',
  });

  expect(parse(wrong)).toEqual({
    problems: [
      'sites[0].id: use at most 50 lower-case letters, digits, "_" and "-"',
      'sites[0].time_zone: use an IANA time zone, such as "Europe/London"',
      'sites[0].currency: use three capital letters of ISO 4217, such as "USD"',
      'sites[0].write_keys: list at least one key, such as ["wk_5f2c9a"]',
      'sites[0].origins[0]: write scheme and host in lower case without a path, such as "https://example.com"',
      'sites[0].origins[1]: leave out the default port',
      'sites[0]: Unrecognized key: "timezone"',
    ],
  });
});

test('a site must have all its parts', () => {
  const { problems } = parse({ id: 'venue' }) as { problems: string[] };

  expect(problems.map((problem) => problem.split(':')[0])).toEqual([
    'sites[0].time_zone',
    'sites[0].currency',
    'sites[0].write_keys',
    'sites[0].origins',
  ]);
});

test('ids and keys lead to one site', () => {
  expect(parse(aSite(), aSite())).toEqual({
    problems: [
      'two sites have the id "venue": rename one',
      'the key "wk_5f2c9a" is listed twice: a key leads to one site, and is for writing or secret',
    ],
  });
});

test('a file that is no list of sites says so', () => {
  expect(parseSites('{')).toEqual({ problems: [expect.stringMatching(/^the file is no JSON: /)] });
  expect(parseSites('{}')).toEqual({ problems: ['sites: list the sites: {"sites":[…]}'] });
  expect(parse()).toEqual({ problems: ['sites: list at least one site'] });
});

test('finds the site of a key, and none for a key that only resembles it', () => {
  const other: Site = { ...demoSite, id: 'other', writeKeys: [{ key: 'wk_first' }, { key: 'wk_second' }] };
  const sites = [demoSite, other];

  expect(findWriter(sites, 'wk_demo')?.site).toBe(demoSite);
  expect(findWriter(sites, 'wk_second')).toEqual({ site: other, key: { key: 'wk_second' } });
  for (const key of ['', 'wk_dem', 'wk_demo ', 'wk_demO', 'wk_demo\0', 'wk_demo'.repeat(100)]) {
    expect(findWriter(sites, key)).toBeUndefined();
  }
});

test.each([
  'http://localhost',
  'http://localhost:5173',
  'https://localhost:8443',
  'http://127.0.0.1:8787',
  'http://[::1]:8787',
  'http://shop.localhost:3000',
])('the demo site takes %s', (origin) => {
  expect(isOriginAllowed(demoSite, origin)).toBe(true);
});

test.each([
  'https://localhost.example',
  'http://notlocalhost',
  'http://localhost:evil',
  'http://localhost:*',
  'http://*.localhost',
  'null',
  '',
  'file://',
  'http://192.168.0.2:8787',
])('the demo site does not take %j', (origin) => {
  expect(isOriginAllowed(demoSite, origin)).toBe(false);
});

test('an origin is scheme, host and port; a star with a dot stands for subdomains only', () => {
  const site: Site = { ...demoSite, origins: ['https://venue.example', 'https://*.larks.example'] };
  const isAllowed = (origin: string) => isOriginAllowed(site, origin);

  expect(['https://venue.example', 'https://tour.larks.example'].every(isAllowed)).toBe(true);
  expect(
    [
      'http://venue.example',
      'https://venue.example:8443',
      'https://www.venue.example',
      'https://larks.example',
      'https://evil-larks.example',
      'http://tour.larks.example',
    ].some(isAllowed),
  ).toBe(false);
});
