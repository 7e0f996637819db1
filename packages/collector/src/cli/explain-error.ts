/** What an error of a command says to a person: which file or address, and what to do. */
export function explainError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // What fetch says by itself is only that it failed: the reason lies behind it.
  if (error instanceof TypeError && error.cause instanceof Error) return explainError(error.cause);
  // Every address of a name was tried.
  if (error instanceof AggregateError && error.errors.length > 0) return explainError(error.errors[0]);
  const { code, path, syscall } = error as NodeJS.ErrnoException;
  if (code === CUT_OFF) return away(error.message);
  const explain = code === undefined || syscall === undefined ? undefined : SYSTEM[code];
  return explain ? explain(path, error.message) : saidBy(error.message);
}

/** What fetch calls a connection that ended in the middle of an answer. */
const CUT_OFF = 'UND_ERR_SOCKET';

const named = (path: string | undefined) => path ?? 'What was named';

/** The errors of the system that follow from what was typed. */
const SYSTEM: Record<string, (path: string | undefined, message: string) => string> = {
  ENOENT: (path) => `${named(path)} is not there. Look at how it is written.`,
  EISDIR: (path) => `${named(path)} is a folder, and a file is wanted.`,
  ENOTDIR: (path) => `${named(path)} lies behind a file, and a folder is wanted.`,
  EEXIST: (path) => `${named(path)} is there already.`,
  EACCES: (path, message) => notAllowed(path, message),
  EPERM: (path, message) => notAllowed(path, message),
  EROFS: (path) => `${named(path)} lies on a disk that can only be read.`,
  ENOSPC: (path) => `There is no room left on the disk of ${path ?? 'what was named'}.`,
  EADDRNOTAVAIL: (_, message) => `--host is no address of this machine (${message}).`,
  ENOTFOUND: (_, message) => `The name of a host is not known (${message}).`,
  ECONNREFUSED: (_, message) => away(message),
  ECONNRESET: (_, message) => away(message),
  EPIPE: (_, message) => away(message),
};

const away = (message: string) =>
  `The collector or its database went away (${message}): it is being replaced, stops, or has too little of the processor. Say this again in a moment, and look at what the collector logged where that does not help.`;

function notAllowed(path: string | undefined, message: string): string {
  return path === undefined
    ? `This user may not do that (${message}).`
    : `${path} is not open to this user. Run the command as the user that the collector runs as.`;
}

/** A collector answers in JSON: its message is for whoever typed the command. */
function saidBy(text: string): string {
  const at = text.indexOf('{"error"');
  if (at < 0) return text;
  try {
    const { error } = JSON.parse(text.slice(at)) as { error?: { message?: string } };
    return error?.message === undefined ? text : `${text.slice(0, at)}${error.message}`;
  } catch {
    return text; // No JSON of a collector.
  }
}
