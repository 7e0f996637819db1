/**
 * UUIDs that follow from a name: whoever knows the name gets the same id.
 *
 * RFC 9562 asks for SHA-1. It is written out here because rows are made synchronously and on every
 * runtime: WebCrypto only answers later, and `node:crypto` does not exist at the edge. Nothing secret
 * rests on it.
 */

/** The UUID, version 5, of a name in a namespace. */
export function uuidV5(namespace: string, name: string): string {
  const hex = namespace.replaceAll('-', '');
  const text = new TextEncoder().encode(name);
  const message = new Uint8Array(16 + text.length);
  for (let index = 0; index < 16; index += 1) {
    message[index] = Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16);
  }
  message.set(text, 16);

  const [a = 0, b = 0, c = 0, d = 0] = sha1(message);
  // Four bits say "version 5", two say "laid out as the RFC has it".
  const words = [a, (b & 0xffff0fff) | 0x5000, (c & 0x3fffffff) | 0x80000000, d];
  const digits = words.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** SHA-1 (FIPS 180-4) as five 32-bit words. */
function sha1(message: Uint8Array): number[] {
  // Padding: one bit 1, then zeros, then the length in bits fills the last eight bytes of a block.
  const padded = new DataView(new ArrayBuffer(Math.ceil((message.length + 9) / 64) * 64));
  new Uint8Array(padded.buffer).set(message);
  padded.setUint8(message.length, 0x80);
  padded.setUint32(padded.byteLength - 4, message.length * 8);

  let hash = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  const w = new Int32Array(80);
  for (let block = 0; block < padded.byteLength; block += 64) {
    let [a = 0, b = 0, c = 0, d = 0, e = 0] = hash;
    for (let t = 0; t < 80; t += 1) {
      w[t] =
        t < 16 ? padded.getInt32(block + 4 * t) : rotate(at(t - 3) ^ at(t - 8) ^ at(t - 14) ^ at(t - 16), 1);
      const next = (rotate(a, 5) + mix(t, b, c, d) + e + at(t)) | 0;
      [e, d, c, b, a] = [d, c, rotate(b, 30), a, next];
    }
    hash = [a, b, c, d, e].map((word, index) => (word + (hash[index] ?? 0)) | 0);
  }
  return hash;

  function at(index: number): number {
    return w[index] ?? 0;
  }
}

/** The function and the constant of each twenty rounds. */
function mix(t: number, b: number, c: number, d: number): number {
  if (t < 20) {
    return ((b & c) | (~b & d)) + 0x5a827999;
  }
  if (t >= 40 && t < 60) {
    return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
  }
  return (b ^ c ^ d) + (t < 40 ? 0x6ed9eba1 : 0xca62c1d6);
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
