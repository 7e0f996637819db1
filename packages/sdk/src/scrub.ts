/**
 * Privacy at the source: what addresses and texts give away by accident does not leave the browser.
 *
 * Links from newsletters carry e-mail addresses, password resets carry tokens. So only parameters that are
 * known to be about campaigns stay in an address, and what looks like an e-mail address or a phone number
 * is replaced wherever it stands.
 */
import { toJson } from './json.ts';
import { quietly } from './quietly.ts';

const CAMPAIGN = /^(utm_\w+|gclid|gbraid|wbraid|dclid|fbclid|msclkid|ttclid|twclid|li_fat_id|igshid|mc_cid)$/;
// Bounded, because an open end would be tried from each letter of a long word anew. Letters are those of all alphabets;
// in an address they are written with a %, and so are an apostrophe and a plus.
const EMAIL = /[\p{L}\w.+%'-]{1,64}(@|%40)[\p{L}\w.%-]{1,63}\.[\p{L}\w%-]+/gu;
/**
 * With its country code; grouped as in `(512) 555-0100`; or as people write it at home, from `020 7946 0958` to `0171/2345678`
 * and `01 42 68 53 00`: 9 to 11 digits, the first a 0, in groups without dots. Other digits are ids, dates, times and prices.
 */
const PHONE =
  /\+\d[\d ().-]{7,16}\d|\(?\b\d{3}\)?[ .-]\d{3}[ .-]\d{4}\b|(^|\D[:/ ]|[^\w ,-:])\(?0(?!\d[/-]\d\d[/-])(?=[1-9]\d{0,4}[ )/-])([ )/-]{0,3}\d){8,10}(?![\w:]|[.,/-]\d)/g;
/** What holds none of these holds neither of both. */
const SUSPECT = /@|%40|\d\d/;

/** Replaces what looks like an e-mail address or a phone number. */
export function scrub(text: string): string {
  // Nothing else of what an interaction costs is as dear as these two, and most texts need neither.
  if (!SUSPECT.test(text)) return text;
  return text.replace(EMAIL, '[email]').replace(PHONE, '$1[phone]');
}

/**
 * The same, in JSON, which stays JSON: an address may stand behind a line break, whose `n` is no letter of it. What `line`
 * says stays: it names a line of an order, as an id does.
 */
export function scrubJson(text: string): string {
  if (!text.includes('\\') && scrub(text) === text) return text;
  return toJson(JSON.parse(text, clean));
}

function clean(key: string, value: unknown): unknown {
  if (typeof value === 'string') return key === 'line' ? value : scrub(value);
  if (!value || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, it]) => [scrub(name), it]));
}

/** An address without the parameters that nobody allowed; those of campaigns stay, and those in `keep`. */
export function scrubUrl(address: string, keep: readonly string[] = []): string {
  const url = quietly(() => new URL(address, location.href));
  if (!url) return '';
  for (const name of [...url.searchParams.keys()]) {
    if (!CAMPAIGN.test(name) && !keep.includes(name)) url.searchParams.delete(name);
  }
  url.username = url.password = '';
  // The fragment of a hash router is a path, with parameters of its own.
  url.hash = /^#[/!]/.test(url.hash) ? url.hash.replace(/\?.*/, '') : '';
  return scrub(url.href);
}
