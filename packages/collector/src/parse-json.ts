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

/** A whole number that JavaScript may round, as a value, with what stands before it. Linear, too. */
const LONG_NUMBER = /([[:,]\s*)(-?[1-9]\d{15,})(?=\s*[,\]}])/g;
const QUOTE = 34;
const BACKSLASH = 92;

/**
 * Reads JSON of those who write their ids as numbers, as Python does: a whole number that JavaScript would round becomes the
 * text that was sent. Rounded, two orders of 19 digits are one, and the second would pass for a duplicate of the first.
 *
 * @throws SyntaxError as {@link parseJson}.
 */
export function parseExactJson(text: string): unknown {
  let at = 0;
  let isInText = false;
  const exact = text.replace(LONG_NUMBER, (found, before: string, number: string, offset: number) => {
    for (; at < offset; at += 1) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) isInText = !isInText;
      else if (code === BACKSLASH && isInText) at += 1;
    }
    return isInText || Number.isSafeInteger(Number(number)) ? found : `${before}"${number}"`;
  });
  return parseJson(exact);
}

const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
