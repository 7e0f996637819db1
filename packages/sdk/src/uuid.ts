let lastMs = 0;
let sequence = 0;

/**
 * Makes a UUID of version 7: its first 48 bits are the time, so that ids sort by age.
 *
 * Ids of the same millisecond count up in the next 12 bits: what is recorded together stays in order.
 * `crypto.randomUUID` is missing on pages without TLS; `getRandomValues` is not.
 */
export function uuidv7(now = Date.now()): string {
  sequence = now === lastMs ? (sequence + 1) & 0xfff : 0;
  lastMs = now;
  const random = crypto.getRandomValues(new Uint8Array(8));
  random[0] = ((random[0] ?? 0) & 0x3f) | 0x80;
  const tail = Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const time = Math.max(0, now).toString(16).padStart(12, '0').slice(-12);
  const count = sequence.toString(16).padStart(3, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${count}-${tail.slice(0, 4)}-${tail.slice(4)}`;
}
