import { quietly } from './quietly.ts';

/**
 * Listens to what the browser tells; what `work` throws stays here, and so does what a page's own
 * `addEventListener` throws.
 *
 * @returns A function that stops listening.
 */
export function listen<Heard extends Event>(
  target: EventTarget,
  type: string,
  work: (event: Heard) => void,
  how?: AddEventListenerOptions,
): () => void {
  const heard = (event: Event) => quietly(() => work(event as Heard));
  quietly(() => target.addEventListener(type, heard, how));
  return () => quietly(() => target.removeEventListener(type, heard, how));
}
