import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { isOriginAllowed } from './origins.ts';
import { demoSite, findSiteBySecret, findWriter, type Site } from './sites.ts';
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

test('a write key is a text, or says more of itself', () => {
  const key = {
    key: 'wk_box_office',
    name: 'box office',
    revoked: true,
    origins: ['https://venue.example'],
    rate: 50,
    daily_quota: 100_000,
  };

  expect(parse(aSite({ write_keys: ['wk_5f2c9a', { key: 'wk_plain', revoked: false }, key] }))).toMatchObject(
    {
      sites: [
        {
          writeKeys: [
            { key: 'wk_5f2c9a' },
            { key: 'wk_plain' },
            {
              key: 'wk_box_office',
              name: 'box office',
              isRevoked: true,
              origins: ['https://venue.example'],
              rate: 50,
              dailyQuota: 100_000,
            },
          ],
        },
      ],
    },
  );
});

test('says what is wrong with a write key', () => {
  const keys = [
    'wk',
    7,
    { name: 'box office' },
    { key: 'wk_wrong', rate: 0, daily_quota: 1.5, revoked: 'yes', origin: [] },
    { key: 'wk_elsewhere', origins: ['https://elsewhere.example/'] },
  ];

  expect(parse(aSite({ write_keys: keys }))).toEqual({
    problems: [
      'sites[0].write_keys[0].key: use 6 to 100 letters, digits, "_" and "-", such as "wk_5f2c9a"',
      'sites[0].write_keys[1]: write a key such as "wk_5f2c9a", or {"key": "wk_5f2c9a", "name": "box office"}',
      'sites[0].write_keys[2].key: write the key, such as "wk_5f2c9a"',
      'sites[0].write_keys[3].revoked: write true or false',
      'sites[0].write_keys[3].rate: use 1 or more, or "revoked": true to stop it',
      'sites[0].write_keys[3].daily_quota: write how many interactions it may send a day, a whole number',
      'sites[0].write_keys[3]: Unrecognized key: "origin"',
      'sites[0].write_keys[4].origins[0]: write scheme and host in lower case without a path, such as "https://example.com"',
    ],
  });
});

test.each([
  ['https://venue.example', true],
  ['https://box.venue.example', true],
  ['https://*.venue.example', true],
  ['https://*.box.venue.example', true],
  ['http://localhost:8080', true],
  ['http://localhost:*', true],
  ['https://elsewhere.example', false],
  ['https://*.example', false],
  ['http://venue.example', false],
  ['https://venue.example:*', false],
])('a key for %s, within the origins of its site: %s', (origin, isWithin) => {
  const origins = ['https://venue.example', 'https://*.venue.example', 'http://localhost:*'];
  const problem = `the key "wk_box" lists the origin ${origin}, which its site "venue" does not: list it there too`;

  const parsed = parse(aSite({ origins, write_keys: [{ key: 'wk_box', origins: [origin] }] }));

  expect(parsed).toEqual(isWithin ? { sites: [expect.anything()] } : { problems: [problem] });
});

const SECRET = 'sk_3b1f0c6e9d7a4825b6c1d0e9';
// Made by another implementation than the one that compares.
const DIGEST = `sha256:${createHash('sha256').update(SECRET).digest('hex')}`;

test.each([SECRET, DIGEST])('finds the site of a secret key that is kept as %s', (kept) => {
  const { sites } = parse(aSite({ secret_keys: [kept] })) as { sites: Site[] };

  expect(findSiteBySecret(sites, SECRET)?.id).toBe('venue');
  // Who reads the file has no key yet.
  for (const given of [DIGEST, DIGEST.slice(7), `${SECRET} `, SECRET.toUpperCase(), '', SECRET.repeat(100)])
    expect(findSiteBySecret(sites, given)).toBeUndefined();
  // Not even the process keeps the key itself.
  expect(JSON.stringify(sites)).not.toContain(SECRET);
});

test('a site that was not read from a file may have secrets in the open, too', () => {
  expect(findSiteBySecret([{ ...demoSite, secretKeys: [SECRET] }], SECRET)?.id).toBe('demo');
});

test('a secret key stands in one place, plain or hashed, and no problem repeats it', () => {
  const other = { id: 'other', write_keys: ['wk_other'] };

  expect(parse(aSite({ secret_keys: [SECRET] }), aSite({ ...other, secret_keys: [DIGEST] }))).toEqual({
    problems: [
      'a secret key of the site "venue" is listed twice: a key leads to one site, and is for writing or secret',
    ],
  });
  expect(parse(aSite({ secret_keys: [SECRET], write_keys: [SECRET] }))).toEqual({
    problems: [expect.stringContaining('a secret key of the site "venue" is listed twice')],
  });
  const torn = parseSites(`{"sites": [{"secret_keys": ["${SECRET}" oops]}]}`);
  expect(torn).toEqual({ problems: [expect.stringMatching(/^the file is no JSON: /)] });
  expect(parseSites(`{"a": ${SECRET}}`)).toEqual({ problems: [expect.not.stringContaining('sk_')] });
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

test('the example in the manual is a good file', async () => {
  const manual = await readFile(new URL('../../../docs/operations.md', import.meta.url), 'utf8');
  const example = /```json\n(.*?)```/s.exec(manual)?.[1] ?? '';

  const { sites } = parseSites(example) as { sites: Site[] };

  expect(findSiteBySecret(sites, SECRET)?.id).toBe('venue');
  expect(sites[0]?.writeKeys).toHaveLength(3);
});
