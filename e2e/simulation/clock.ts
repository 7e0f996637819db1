/** A `Date` whose present is simulated. */
export function clockOf(now: () => number): DateConstructor {
  return class extends Date {
    constructor(...parts: unknown[]) {
      super(...((parts.length === 0 ? [now()] : parts) as [number]));
    }
    static override now = now;
  } as unknown as DateConstructor;
}
