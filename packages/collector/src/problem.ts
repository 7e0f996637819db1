import type { Context } from 'hono';
import { refusePages, requestIdOf } from './answer-headers.ts';
import { DiskFull, LogBusy, LogFailed, LogFull } from './log/log.ts';
import { isOutOfRoom } from './log/reserve.ts';

type ProblemStatus = 400 | 401 | 403 | 404 | 405 | 413 | 429 | 503;

/** A request that cannot be served, with what its sender can do about it. */
export class Problem extends Error {
  readonly status: ProblemStatus;
  readonly code: string;
  readonly retryAfterSeconds: number | undefined;
  constructor(status: ProblemStatus, code: string, message: string, retryAfterSeconds?: number) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

const RETRY_AFTER_SECONDS = 5;
/** One for all: there are thousands a second then, and an error notes where it was made. */
const FULL = new Problem(
  503,
  'log_full',
  'The log is full: the database is away, or more comes than it takes. Send this again.',
  RETRY_AFTER_SECONDS,
);
/** What the system says of a disk that fails, or of a process with too many files open. */
const DISK_FAILURES: ReadonlySet<string> = new Set(['EIO', 'EROFS', 'EMFILE', 'ENFILE', 'EACCES', 'EPERM']);
const AWAY: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE']);

/** Every error becomes its response here, and nowhere else. */
export function toResponse(
  error: unknown,
  c: Context,
  log: { error(details: object, message: string): void },
): Response {
  const problem = asProblem(error);
  const requestId = requestIdOf(c);
  c.header('X-Request-Id', requestId);
  refusePages(c);
  const details = { requestId, path: c.req.path };
  if (hasCode(error, DISK_FAILURES))
    log.error({ ...details, error: String(error) }, 'a request was refused: the disk fails');
  if (!problem) {
    log.error(
      { ...details, error: error instanceof Error ? error.stack : String(error) },
      'unexpected error',
    );
    return c.json(
      { error: { code: 'internal', message: `Something went wrong here. Its id is ${requestId}.` } },
      500,
    );
  }
  // What was not read of the body is still on its way: another request behind it on this connection would be lost.
  if (problem.status === 413) c.header('Connection', 'close');
  if (problem.retryAfterSeconds !== undefined) c.header('Retry-After', String(problem.retryAfterSeconds));
  return c.json({ error: { code: problem.code, message: problem.message } }, problem.status);
}

function asProblem(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  if (error instanceof LogFull) return FULL;
  // Also what comes straight from the disk: the salt of a new day may be what finds no room.
  if (error instanceof DiskFull || isOutOfRoom(error)) {
    return new Problem(
      503,
      'disk_full',
      'The disk of this collector is full, so nothing was taken. Send this again.',
      RETRY_AFTER_SECONDS,
    );
  }
  if (error instanceof LogBusy) {
    return new Problem(
      503,
      'log_busy',
      'More arrives than the disk of this collector takes, so nothing was taken. Send this again.',
      RETRY_AFTER_SECONDS,
    );
  }
  if (error instanceof LogFailed) {
    return new Problem(
      503,
      'log_failed',
      'The log cannot be written, so nothing was taken. Send this again.',
      RETRY_AFTER_SECONDS,
    );
  }
  // Straight from the disk, as above: somebody looks into it, and the sender comes again.
  if (hasCode(error, DISK_FAILURES)) {
    return new Problem(
      503,
      'disk_failed',
      'The disk of this collector cannot be used just now, so nothing was taken. Send this again.',
      RETRY_AFTER_SECONDS,
    );
  }
  // Nothing else is called from here. An engine that died is replaced within seconds.
  if (hasCode(error, AWAY)) {
    return new Problem(
      503,
      'database_away',
      'The database does not answer just now. Ask this again.',
      RETRY_AFTER_SECONDS,
    );
  }
  return undefined;
}

const hasCode = (error: unknown, codes: ReadonlySet<string>) =>
  codes.has((error as NodeJS.ErrnoException | undefined)?.code ?? '');
