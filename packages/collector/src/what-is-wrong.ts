import { z } from 'zod';

/** The first problem of an object: which field, and what to write instead. */
export function whatIsWrong({ issues: [issue] }: z.ZodError): string {
  if (issue?.code === 'unrecognized_keys')
    return `There is no field "${issue.keys[0]?.slice(0, 100)}" here: correct it or leave it out.`;
  const path = z.core.toDotPath(issue?.path ?? []);
  return path === '' ? `${issue?.message}.` : `"${path}": ${issue?.message}.`;
}
