import { Problem } from '../problem.ts';
import { DatabaseError } from '../writable-database.ts';
import { TooMany } from './turns.ts';
import type { View } from './view.ts';

const SOON_SECONDS = 5;
const LATER_SECONDS = 30;
/** What the database says of an argument that a view cannot work with: no such grain, a number that is none. */
const OF_ARGUMENTS: ReadonlySet<number> = new Set([
  6, 27, 36, 38, 41, 43, 44, 53, 69, 70, 72, 125, 131, 190, 457,
]);
const TOO_LONG: ReadonlySet<number> = new Set([159, 160, 394]);
const TOO_LARGE: ReadonlySet<number> = new Set([241, 307, 396]);
const BUSY: ReadonlySet<number> = new Set([202, 745]);

/** What whoever asked is told of a question that was not answered; undefined where only the log can say more. */
export function whatFailed(error: unknown, view: View | undefined): Problem | undefined {
  if (error instanceof Problem) return error;
  if (error instanceof TooMany) return busy();
  // Anything but the words of a database comes from the network before it.
  if (!(error instanceof DatabaseError))
    return new Problem(
      503,
      'database_away',
      'The database does not answer just now. Ask this again.',
      SOON_SECONDS,
    );
  if (TOO_LONG.has(error.code))
    return new Problem(
      503,
      'question_slow',
      'The database needs too long for this. Ask for fewer days or for one thing at a time, or again when less is asked.',
      LATER_SECONDS,
    );
  if (TOO_LARGE.has(error.code))
    return new Problem(
      503,
      'question_large',
      'The answer needs more memory than a question may have. Ask for fewer days, fewer columns or a smaller "limit".',
      LATER_SECONDS,
    );
  if (BUSY.has(error.code)) return busy();
  if (view && view.arguments.length > 0 && OF_ARGUMENTS.has(error.code))
    return new Problem(400, 'question_wrong', `${view.name} does not take these arguments. ${view.comment}`);
  return undefined;
}

const busy = () =>
  new Problem(503, 'busy', 'More is asked than the database answers at once. Ask this again.', SOON_SECONDS);
