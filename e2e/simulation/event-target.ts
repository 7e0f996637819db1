type Listener = (event: object) => void;

/** As much of an `EventTarget` as the SDK asks for. */
export function createEventTarget() {
  const listeners = new Map<string, Set<Listener>>();
  return {
    addEventListener(type: string, listener: Listener): void {
      listeners.set(type, (listeners.get(type) ?? new Set()).add(listener));
    },
    removeEventListener(type: string, listener: Listener): void {
      listeners.get(type)?.delete(listener);
    },
    dispatch(type: string, details: object = {}): void {
      for (const listener of [...(listeners.get(type) ?? [])]) listener({ type, ...details });
    },
  };
}
