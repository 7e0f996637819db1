import { expect, test } from 'vitest';
import { DatabaseError } from '../writable-database.ts';
import { TooMany } from './turns.ts';
import { whatFailed } from './what-failed.ts';

const view = { name: 'retention', comment: 'Who came again: retention(grain).', columns: [] };
const asking = { ...view, arguments: [{ name: 'grain', type: 'String' }] };

test.each([
  [new DatabaseError(159, 'Timeout exceeded'), 503, 'question_slow', 30],
  [new DatabaseError(241, 'Memory limit exceeded'), 503, 'question_large', 30],
  [new DatabaseError(396, 'Limit for result exceeded'), 503, 'question_large', 30],
  [new DatabaseError(202, 'Too many simultaneous queries'), 503, 'busy', 5],
  [new TooMany('30 wait already.'), 503, 'busy', 5],
  [new TypeError('fetch failed'), 503, 'database_away', 5],
  [new DatabaseError(36, 'no such grain: secret'), 400, 'question_wrong', undefined],
])('%s is a %i %s', (error, status, code, retryAfterSeconds) => {
  const problem = whatFailed(error, asking);

  expect(problem).toMatchObject({ status, code, retryAfterSeconds });
  expect(problem?.message).not.toContain('secret');
});

test('leaves what it does not know to the log, and arguments to views that have some', () => {
  expect(whatFailed(new DatabaseError(47, 'Unknown identifier'), asking)).toBeUndefined();
  expect(whatFailed(new DatabaseError(36, 'Bad arguments'), { ...view, arguments: [] })).toBeUndefined();
});
