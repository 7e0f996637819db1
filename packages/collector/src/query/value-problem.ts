const MAX_LENGTH = 1_000;
const MAX_ITEMS = 50;
const LAST_DAY = '2149-06-06';

/** Why a text is no value of a type, in words that go on after `"x" `; undefined when it is one. */
function valueProblem(type: string, text: string, maxLength: number): string | undefined {
  if (type === 'Date') return isDay(text) ? undefined : `must be a day from 1970 to 2149, such as 2026-10-31`;
  if (type === 'UUID')
    return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
      ? undefined
      : 'must be a UUID, such as 0190aaaa-0000-7000-8000-000000000001';
  const number = /^(U?)Int(\d+)$/.exec(type);
  if (number) return numberProblem(text, number[1] === 'U', Number(number[2]));
  // The embedded engine takes what it reads up to there for all of it.
  if (text.includes('\0')) return 'must not hold a NUL character';
  return text.length <= maxLength ? undefined : `must have at most ${maxLength} characters`;
}

/** The same of all values that one name is given. */
export const valuesProblem = (
  type: string,
  texts: readonly string[],
  maxLength = MAX_LENGTH,
): string | undefined =>
  texts.length > MAX_ITEMS
    ? `takes at most ${MAX_ITEMS} values`
    : texts.map((text) => valueProblem(type, text, maxLength)).find((problem) => problem !== undefined);

/** A day of the calendar that the type Date can hold: beyond its ends it would begin anew at the other. */
function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || text < '1970-01-01' || text > LAST_DAY) return false;
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

function numberProblem(text: string, isUnsigned: boolean, bits: number): string | undefined {
  const end = 2n ** BigInt(isUnsigned ? bits : bits - 1);
  const isWhole = isUnsigned ? /^\d{1,78}$/.test(text) : /^-?\d{1,78}$/.test(text);
  const isFitting = isWhole && BigInt(text) < end && BigInt(text) >= (isUnsigned ? 0n : -end);
  return isFitting
    ? undefined
    : `must be a whole number${isUnsigned ? ', not negative,' : ''} of at most ${bits} bits`;
}
