import { expect, test } from 'vitest';
import { createStoring } from './storing.ts';
import { DatabaseError } from './writable-database.ts';

const START = Date.parse('2026-05-01T20:00:00.000Z');

test('says how long the oldest row has waited when storing is behind', () => {
  let now = START;
  const storing = createStoring(() => now);
  const log = { bytes: () => 1_234, since: () => START };

  expect(storing.state(log)).toBe('ok');
  now += 60_001;

  expect(storing.state(log)).toBe(
    'is behind: the oldest row waits since 2026-05-01T20:00:00.000Z (1234 bytes wait in the log; batches are taken until it is full)',
  );
  expect(storing.state({ ...log, since: () => undefined })).toBe('ok');
});

test('keeps the values of rows to itself', () => {
  const storing = createStoring(() => START);

  storing.failed(new DatabaseError(27, 'Cannot parse input: expected "ann@example.com"'));

  const state = storing.state({ bytes: () => 0, since: () => undefined });
  expect(state).toContain('1 attempts so far: ClickHouse 27; the log');
  expect(state).not.toContain('ann');
});

test.each([
  ['ENOTFOUND', 'getaddrinfo ENOTFOUND ch-internal.example', 'the name of the database is not known'],
  ['ECONNREFUSED', 'connect ECONNREFUSED 10.0.0.7:8123', 'nothing answers at the address of the database'],
  [undefined, 'Timeout error.', 'the database does not answer in time'],
  [
    'EACCES',
    "EACCES: permission denied, open '/srv/turnout/log'",
    'the collector may not write to its data directory',
  ],
  ['ELOOP', "ELOOP: too many links, open '/srv/turnout/log'", 'it went wrong'],
])('says the kind of a failure, and nothing of where the database is: %s', (code, message, kind) => {
  const storing = createStoring(() => START);

  storing.failed(Object.assign(new Error(message), { code }));

  expect(storing.state({ bytes: () => 7, since: () => undefined })).toBe(
    `fails since 2026-05-01T20:00:00.000Z, 1 attempts so far: ${kind}; the log of the collector says more (7 bytes wait in the log; batches are taken until it is full)`,
  );
});
