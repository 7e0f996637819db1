import { cutText } from './clean.ts';

/** How much of a rejected interaction is kept. */
const MAX_REJECTED_TEXT = 4_000;

/** What was rejected, as the JSON that is kept of it. */
export function rejectedText(sent: unknown): string {
  try {
    return cutText(JSON.stringify(sent) ?? '', MAX_REJECTED_TEXT);
  } catch {
    // The parser reads any depth, but writing recurses and runs out of stack.
    return '"nested too deep to show"';
  }
}
