/**
 * What templates and databases make of texts and numbers: `{{ order.id }}` in a script is a number, and a price out of an
 * attribute is a text. What has one meaning travels; everything else stays as it is, and the collector says what is wrong.
 */

/** The number that something says, and nothing where it says none. */
export function toNumber(given: unknown): number | undefined {
  const text = `${given}`;
  return text.trim() && Number.isFinite(+text) ? +text : undefined;
}

/** A number as text, and all else as it is. */
export const toText = <Value>(value: Value): Value | string => (Number.isFinite(value) ? `${value}` : value);
