// Pages replace these too. What was there when we came is most likely the browser's own.
const { stringify } = JSON;

/**
 * JSON text, as the browser writes it.
 *
 * Libraries of old give arrays, texts and numbers a `toJSON` that makes texts of them: what is written would come
 * back as something else. `maxLength` ends the work on values whose text is longer anyway.
 *
 * @throws RangeError when the text would be longer; and whatever cycles, BigInt and getters throw.
 */
export function toJson(value: unknown, maxLength = 1e9): string {
  if (isPlain(value, maxLength)) return stringify(value);
  const fail = () => {
    throw new RangeError(`more than ${maxLength} characters`);
  };
  let room = maxLength;
  const text = stringify(value, function (this: Record<string, unknown>, key, given) {
    const own = this[key];
    const isLong = typeof own === 'string' || Array.isArray(own);
    room -= isLong ? own.length + 1 : 1;
    if (room < 0) fail();
    return isLong || typeof own === 'number' ? own : given;
  });
  if (text?.length > maxLength) fail();
  return text;
}

/**
 * True for what the browser writes right and at once: it is several times faster without a function that is
 * asked for each value.
 */
function isPlain(value: unknown, room: number): boolean {
  if ('toJSON' in Array.prototype || 'toJSON' in String.prototype || 'toJSON' in Number.prototype)
    return false;
  let left = room;
  for (const name in value as object) {
    const it = (value as Record<string, unknown>)[name];
    if (typeof it === 'object' && it) return false;
    // Six characters are the most that one becomes.
    left -= typeof it === 'string' ? 6 * it.length + 40 : 40;
  }
  return left > 0;
}
