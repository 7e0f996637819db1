/** The collector refuses a whole batch for a name that is empty or too long. */
export function isText(value: unknown, maxLength: number): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= maxLength;
}
