/** A text or what remains of one, or a number that JSON does not have. It never fails half way, so it takes linear time. */
const TEXT_OR_NO_NUMBER = /"(?:[^"\\]|\\[\s\S]?)*"?|-?\b(?:NaN|Infinity)\b/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROL = /[\0-\x1f]/g;

/**
 * Reads JSON as it is really sent. Python writes `NaN` and `Infinity`, and some write control characters into a text as they are:
 * no JSON, but no reason to lose the neighbours of the one interaction that is concerned. Such a number becomes null, which is judged
 * where it stands; such a text is cleaned with all others.
 *
 * @throws SyntaxError when it cannot be read like that either.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const mended = text.replace(TEXT_OR_NO_NUMBER, (found) =>
      found.startsWith('"') ? found.replace(CONTROL, escaped) : 'null',
    );
    if (mended === text) throw error;
    return JSON.parse(mended);
  }
}

/** A text or what remains of one, or a number. Linear, too. */
const TEXT_OR_NUMBER = /"(?:[^"\\]|\\[\s\S]?)*"?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** Fewer digits are exact. */
const MANY_DIGITS = /\d{16}/;
const WHOLE = /^-?[1-9]\d*$/;

/**
 * Reads JSON of those who write their ids as numbers, as Python does: a whole number that JavaScript would round becomes the
 * text that was sent. Rounded, two orders of 19 digits are one, and the second would pass for a duplicate of the first.
 *
 * @throws SyntaxError as {@link parseJson}.
 */
export function parseExactJson(text: string): unknown {
  if (!MANY_DIGITS.test(text)) return parseJson(text);
  return parseJson(
    text.replace(TEXT_OR_NUMBER, (found) =>
      WHOLE.test(found) && !Number.isSafeInteger(Number(found)) ? `"${found}"` : found,
    ),
  );
}

const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
