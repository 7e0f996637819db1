import { local } from './local-storage.ts';
import { quietly } from './quietly.ts';

/** Longer than any browser keeps a cookie that a script wrote. */
const MAX_AGE_S = 400 * 86_400;

/**
 * Texts by name, as `local` keeps them, in cookies that all subdomains of `domain` see. Where the browser takes
 * none, for a domain that is not the page's own, they are kept for this origin alone: a refusal must hold.
 */
export function cookiesOf(domain: string): Omit<typeof local, 'names'> {
  const set = (name: string, value: string, maxAgeS: number) => {
    const secure = location.protocol === 'https:' ? ';Secure' : '';
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API answers later, and not everywhere.
    document.cookie = `${encodeURIComponent(name)}=${encodeURIComponent(value)};Domain=${domain};Path=/;Max-Age=${maxAgeS};SameSite=Lax${secure}`;
  };
  const readCookie = (name: string) =>
    quietly(() => {
      const start = `${encodeURIComponent(name)}=`;
      const pair = document.cookie.split('; ').find((it) => it.startsWith(start)) as string;
      return decodeURIComponent(pair.slice(start.length)); // Throws where there is none, or a damaged one.
    }, null);
  const remove = (name: string) => {
    quietly(() => set(name, '', 0));
    local.remove(name);
  };
  return {
    read: (name) => readCookie(name) ?? local.read(name),
    write(name, value) {
      quietly(() => set(name, value, MAX_AGE_S));
      if (readCookie(name) === value) {
        local.remove(name);
        return true;
      }
      return local.write(name, value);
    },
    remove,
  };
}
