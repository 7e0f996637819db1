const EVERY_MS = 100;
const TIMEOUT_MS = 60_000;

/**
 * Resolves with true once `isSo`, with false when it still is not after `timeoutMs`.
 *
 * `expect.poll` for what runs without a test runner: the soak and the bench share these scenarios.
 */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  timeoutMs = TIMEOUT_MS,
): Promise<boolean> {
  const end = Date.now() + timeoutMs;
  while (!(await isSo())) {
    if (Date.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  return true;
}

/** The same for what a scenario is nothing without: throws when it does not come. */
export async function expectUntil(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  if (!(await until(isSo))) throw new Error(`Waited ${TIMEOUT_MS / 1_000} s in vain until ${what}.`);
}
