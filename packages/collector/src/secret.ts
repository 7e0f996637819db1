/** Secrets are compared by their digests: how long it takes tells nothing of the secret itself. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** How a sites file keeps a secret key that it does not want to know: `sha256:` and 64 hex digits. */
export const HASHED = /^sha256:[0-9a-f]{64}$/;

/** A secret in the form it is compared in. What is kept as a digest already stays as it is. */
export const hashed = (secret: string): string => (HASHED.test(secret) ? secret : hashOf(secret));

/** The digest of what somebody shows: always made anew, so that nobody gets in with a digest they have read. */
export const hashOf = (given: string): string => `sha256:${bytesToHex(sha256(utf8ToBytes(given)))}`;

/** Whether what is given is the secret. */
export const isSecret = (given: string, secret: string): boolean => isSameText(hashOf(given), hashOf(secret));

/** Compares texts without stopping at the first difference. */
function isSameText(given: string, expected: string): boolean {
  let difference = given.length ^ expected.length;
  for (let index = 0; index < expected.length; index += 1) {
    difference |= expected.charCodeAt(index) ^ given.charCodeAt(index);
  }
  return difference === 0;
}

/** What `Authorization: Bearer …` carries; empty when there is none. Some clients write the word in small letters, as they may. */
export const bearerOf = (header: string | undefined): string =>
  /^Bearer +(.+)$/i.exec(header ?? '')?.[1] ?? '';
