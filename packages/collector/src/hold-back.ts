/** Nobody who is told to come back in 5 s minds a quarter of a second. */
const HOLD_MS = 250;
/** Each holds in memory what came of its body: 64 kB, or what a door has to read first to know whose it is. */
const MOST_HELD = 1_000;

let held = 0;

/**
 * Waits before a refusal. Whoever tries again at once, or sends one batch after the other, is slowed down, and the time
 * goes to the writer, which is making room. When many wait already, it does not wait.
 */
export async function holdBack(): Promise<void> {
  if (held >= MOST_HELD) return;
  held += 1;
  await new Promise((resolve) => setTimeout(resolve, HOLD_MS));
  held -= 1;
}
