import { DatabaseError } from './writable-database.ts';

const KINDS: { [code: string]: string } = {
  ENOTFOUND: 'the name of the database is not known',
  EAI_AGAIN: 'the name of the database cannot be looked up now',
  ECONNREFUSED: 'nothing answers at the address of the database',
  EHOSTUNREACH: 'the database cannot be reached',
  ENETUNREACH: 'the database cannot be reached',
  ETIMEDOUT: 'the database does not answer in time',
  ECONNRESET: 'the database broke the connection off',
  EPIPE: 'the database broke the connection off',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full',
  EIO: 'the disk is broken',
  EROFS: 'the disk is read-only',
  EACCES: 'the collector may not write to its data directory',
  EPERM: 'the collector may not write to its data directory',
  ENOENT: 'a file or its folder is gone from the data directory',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
};

/**
 * Why something went wrong, for whoever may ask: addresses, paths, and what the database says about the values of a row,
 * are left to the log.
 */
export function publicReason(error: unknown): string {
  const details = 'the log of the collector says more';
  if (error instanceof DatabaseError) return `ClickHouse ${error.code}; ${details}`;
  const { code = '', message = '' } = (error ?? {}) as { code?: unknown; message?: unknown };
  const kind = KINDS[String(code)] ?? (/^timeout/i.test(String(message)) ? KINDS.ETIMEDOUT : 'it went wrong');
  return `${kind}; ${details}`;
}
