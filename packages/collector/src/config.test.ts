import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { aFolder } from './testing/temporary.ts';

test('has defaults for a laptop', () => {
  expect(readConfig({}, {})).toMatchObject({
    host: '127.0.0.1',
    port: 8787,
    sqlPort: 8123,
    dataDir: '.turnout',
    isDevelopment: true,
  });
});

test('takes what is set to nothing for unset: it would be every address, and the current folder', () => {
  const nothing = { TURNOUT_HOST: '', TURNOUT_DATA_DIR: '', TURNOUT_PORT: '' };

  expect(readConfig({ host: '' }, nothing)).toEqual(readConfig({}, {}));
});

test('lets flags win over the environment', () => {
  const env = { TURNOUT_PORT: '1', TURNOUT_SQL_PORT: '2', TURNOUT_DATA_DIR: '/data' };

  expect(readConfig({ port: '9000' }, env)).toMatchObject({ port: 9000, sqlPort: 2, dataDir: '/data' });
});

test('reports every problem at once', () => {
  const env = { TURNOUT_HOST: '0.0.0.0', TURNOUT_SECRET: 'short', TURNOUT_CLICKHOUSE_URL: 'clickhouse:8123' };

  const read = () => readConfig({ port: '99999', sqlPort: 'x' }, env);

  expect(read).toThrow(/--host 0\.0\.0\.0 would let everyone write/);
  expect(read).toThrow(/TURNOUT_SECRET must have at least 16 characters/);
  expect(read).toThrow(/TURNOUT_CLICKHOUSE_URL must be an http\(s\) address/);
  expect(read).toThrow(/--port \(TURNOUT_PORT\) must be a whole number from 0 to 65535, but it is "99999"/);
  expect(read).toThrow(/--sql-port/);
});

test('refuses an address of ClickHouse whose password cannot be read', () => {
  const TURNOUT_CLICKHOUSE_URL = 'http://user:50%off@clickhouse:8123';

  expect(() => readConfig({}, { TURNOUT_CLICKHOUSE_URL })).toThrow(/"%" as "%25"/);
});

test('takes the number of collectors that share a server, and refuses what cannot be one', () => {
  const TURNOUT_CLICKHOUSE_URL = 'http://clickhouse:8123';
  const read = (TURNOUT_COLLECTORS: string) => () =>
    readConfig({}, { TURNOUT_CLICKHOUSE_URL, TURNOUT_COLLECTORS });

  expect(readConfig({}, {}).collectors).toBe(1);
  expect(read('3')()).toMatchObject({ collectors: 3 });
  for (const nonsense of ['0', '-1', '1.5', 'two', '02', '10000'])
    expect(read(nonsense)).toThrow(
      `TURNOUT_COLLECTORS must be the number of collectors that write into this ClickHouse, a whole number from 1 to 9999, but it is "${nonsense}".`,
    );
});

test('refuses several collectors on an embedded engine, which belongs to one', () => {
  expect(() => readConfig({}, { TURNOUT_COLLECTORS: '2' })).toThrow(
    'TURNOUT_COLLECTORS is 2, but the embedded engine belongs to one collector alone. Name a ClickHouse server',
  );
  expect(readConfig({}, { TURNOUT_COLLECTORS: '1' }).collectors).toBe(1);
});

test('takes the name of a cluster, and says what is missing for one', () => {
  const server = { TURNOUT_CLICKHOUSE_URL: 'http://clickhouse:8123' };

  expect(readConfig({}, { ...server, TURNOUT_CLICKHOUSE_CLUSTER: 'fans' }).clickhouseCluster).toBe('fans');
  expect(() => readConfig({}, { TURNOUT_CLICKHOUSE_CLUSTER: 'fans' })).toThrow(
    'TURNOUT_CLICKHOUSE_CLUSTER is fans, but the embedded engine is one machine. Name a server of the cluster',
  );
  expect(() => readConfig({}, { ...server, TURNOUT_CLICKHOUSE_CLUSTER: "a' b" })).toThrow(
    'TURNOUT_CLICKHOUSE_CLUSTER must be the name of a cluster',
  );
});

test('reads the sites file, or says what is wrong with it', async () => {
  const path = join(await aFolder(), 'sites.json');
  const site = {
    id: 'venue',
    time_zone: 'Europe/London',
    currency: 'GBP',
    write_keys: ['wk_venue'],
    origins: ['https://venue.example'],
  };

  await writeFile(path, JSON.stringify({ sites: [site] }));
  expect(readConfig({ host: '0.0.0.0' }, { TURNOUT_SITES: path })).toMatchObject({
    isDevelopment: false,
    sites: [{ id: 'venue' }],
  });

  await writeFile(path, JSON.stringify({ sites: [{ ...site, currency: 'pounds' }] }));
  expect(() => readConfig({}, { TURNOUT_SITES: path })).toThrow(/currency/);
  expect(() => readConfig({}, { TURNOUT_SITES: `${path}.missing` })).toThrow(/cannot be read/);
});

test('reads how much is let in, through which proxies, and says what cannot be', () => {
  expect(readConfig({}, {})).toMatchObject({ trustedProxies: 0, addressRate: 1_000, redisUrl: undefined });
  const env = {
    TURNOUT_TRUSTED_PROXIES: '2',
    TURNOUT_ADDRESS_RATE: '0',
    TURNOUT_REDIS_URL: 'rediss://redis:6379',
  };
  expect(readConfig({}, env)).toMatchObject({
    trustedProxies: 2,
    addressRate: 0,
    redisUrl: 'rediss://redis:6379',
  });

  const wrong = {
    TURNOUT_TRUSTED_PROXIES: 'all',
    TURNOUT_ADDRESS_RATE: '-1',
    TURNOUT_REDIS_URL: 'redis:6379',
  };

  expect(() => readConfig({}, wrong)).toThrow(
    /TURNOUT_TRUSTED_PROXIES must be a whole number from 0 to 16, but it is "all"/,
  );
  expect(() => readConfig({}, wrong)).toThrow(/TURNOUT_ADDRESS_RATE must be a whole number/);
  expect(() => readConfig({}, wrong)).toThrow(/TURNOUT_REDIS_URL must be a redis\(s\) address/);
  const withPassword = { TURNOUT_REDIS_URL: 'redis://:s3cret%zz@redis:6379' };
  expect(() => readConfig({}, withPassword)).toThrow(/TURNOUT_REDIS_URL.*"%" as "%25"/);
  expect(() => readConfig({}, withPassword)).not.toThrow(/s3cret/);
});

test('refuses a log that could not hold one full segment and what it takes to store it', () => {
  const read = (TURNOUT_LOG_MAX_BYTES: string) => readConfig({}, { TURNOUT_LOG_MAX_BYTES });

  expect(() => read('1000000')).toThrow(
    'TURNOUT_LOG_MAX_BYTES must be a whole number from 67108864 to 9007199254740991, but it is "1000000".',
  );
  expect(read('67108864').maxLogBytes).toBe(67_108_864);
});

test('refuses the name of a header that no request can be asked for, and trims one', () => {
  const read = (TURNOUT_COUNTRY_HEADER: string) => () => readConfig({}, { TURNOUT_COUNTRY_HEADER });

  expect(read(' cf-ipcountry ')()).toMatchObject({ countryHeader: 'cf-ipcountry' });
  expect(read('')()).toMatchObject({ countryHeader: undefined });
  for (const nonsense of ['cf ipcountry', 'cf-ipcountry:', 'a, b', 'l\u00e4nd'])
    expect(read(nonsense)).toThrow(
      /TURNOUT_COUNTRY_HEADER must be the name of one header, such as "cf-ipcountry"/,
    );
});

test('names the levels of the log where it does not know one', () => {
  const read = (TURNOUT_LOG_LEVEL: string) => () => readConfig({}, { TURNOUT_LOG_LEVEL });

  expect(read('')()).toMatchObject({ logLevel: 'info' });
  expect(read('warn')()).toMatchObject({ logLevel: 'warn' });
  expect(read('loud')).toThrow(/TURNOUT_LOG_LEVEL must be one of silent, fatal, .*, but it is "loud"/);
});
