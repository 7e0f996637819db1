import { quietly } from './quietly.ts';

/** Longer than any browser keeps a cookie that a script wrote. */
const MAX_AGE_S = 400 * 86_400;

/** Texts by name, as `local` keeps them, in cookies that all subdomains of `domain` see. */
export function cookiesOf(domain: string) {
  const set = (name: string, value: string, maxAgeS: number) => {
    const secure = location.protocol === 'https:' ? ';Secure' : '';
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API answers later, and not everywhere.
    document.cookie = `${encodeURIComponent(name)}=${encodeURIComponent(value)};Domain=${domain};Path=/;Max-Age=${maxAgeS};SameSite=Lax${secure}`;
  };
  const read = (name: string): string | null => {
    const start = `${encodeURIComponent(name)}=`;
    const pair = quietly(() => document.cookie.split('; ').find((it) => it.startsWith(start)));
    return pair === undefined ? null : (quietly(() => decodeURIComponent(pair.slice(start.length))) ?? null);
  };
  return {
    read,
    /** False when the browser took none: blocked, or a domain that is not the page's own. */
    write: (name: string, value: string): boolean => {
      quietly(() => set(name, value, MAX_AGE_S));
      return read(name) === value;
    },
    remove: (name: string): void => quietly(() => set(name, '', 0)),
  };
}
