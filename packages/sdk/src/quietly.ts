/**
 * Tries what the browser may refuse and the page must not notice.
 *
 * Only where a refusal and an empty answer mean the same to the caller.
 */
export function quietly<Result, Otherwise = undefined>(
  work: () => Result,
  otherwise?: Otherwise,
): Result | Otherwise {
  try {
    return work();
  } catch {
    return otherwise as Otherwise; // See above: the caller chose what a refusal means.
  }
}
