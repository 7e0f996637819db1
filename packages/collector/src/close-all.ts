/**
 * Closes everything, the last opened first: one that fails keeps none of the others open.
 *
 * @throws The error of the one that failed, or all of them as an AggregateError.
 */
export async function closeAll(closers: (() => Promise<void>)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const close of closers.splice(0).reverse()) {
    try {
      await close();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1)
    throw new AggregateError(
      errors,
      `${errors.length} parts of the collector could not be closed: ${errors.map(String).join('; ')}`,
    );
}
