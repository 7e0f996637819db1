import type { z } from 'zod';

const MAX_PROBLEMS = 3;
const MAX_SHOWN = 60;

/**
 * Says what is wrong with a value that a schema refused: the field, what it is, what it must be.
 *
 * @param schema - The schema that refused it; its fields describe what they must be.
 * @returns One line, bounded whatever the sender wrote.
 */
export function explain(error: z.ZodError, schema: z.ZodObject, value: unknown): string {
  const problems = new Map<string, string>();
  for (const issue of error.issues) {
    const [field] = issue.path;
    if (typeof field !== 'string') {
      // An issue of the whole says everything itself, unless the whole is no object at all.
      problems.set(
        issue.message,
        issue.code === 'custom' ? issue.message : `it is ${show(value)}, and must be an object`,
      );
    } else {
      const sent = (value as Record<string, unknown>)[field];
      const is = sent === undefined ? 'is missing' : `is ${show(sent)}`;
      const expected = (schema.shape[field] as z.ZodType | undefined)?.description ?? 'something else';
      problems.set(field, `"${field}" ${is}, but it must be ${expected}`);
    }
  }
  const said = [...problems.values()].slice(0, MAX_PROBLEMS);
  const more = problems.size - said.length;
  return `${said.join('; ')}${more > 0 ? `; and ${more} more` : ''}.`;
}

/** Shows any value in a message: short, on one line, well-formed. */
export function show(value: unknown): string {
  if (typeof value === 'string') {
    // Long texts are cut; JSON escapes what would break the line or the encoding, cut pairs included.
    return value.length > MAX_SHOWN ? `${JSON.stringify(value.slice(0, MAX_SHOWN))}…` : JSON.stringify(value);
  }
  if (Array.isArray(value)) {
    return 'a list';
  }
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
