/**
 * Sites: whose interactions a collector takes, by which keys, from which origins.
 */
import { hashed, hashOf } from './secret.ts';

/** One site: its own key, its own time zone and currency, its own numbers. */
export interface Site {
  id: string;
  name: string;
  /** IANA name: all days in rollups are days there. */
  timeZone: string;
  /** ISO 4217: the currency that sums add up. */
  currency: string;
  /** Publishable: they allow writing only. */
  writeKeys: readonly WriteKey[];
  /** Never in a page: they change the catalogue, and export and erase people. As they are, or as `sha256:…`. */
  secretKeys: readonly string[];
  /** Web origins that may send; `*` stands for any port, or with a dot for any subdomain. */
  origins: readonly string[];
  /** Interactions that lack what the catalogue asks for are rejected. */
  strict: boolean;
  /** Automated browsers count as people: a developer's own tests are this site's visitors. */
  countAutomation: boolean;
}

/** One of the keys that pages carry. */
export interface WriteKey {
  key: string;
  /** What people call it, such as "box office". */
  name?: string;
  /** It was in use and is no longer: who still has it is told so. */
  isRevoked?: boolean;
  /** Only some of the site's origins. */
  origins?: readonly string[];
  /** Requests a second. */
  rate?: number;
  /** Interactions taken on one day of the site. */
  dailyQuota?: number;
}

/** Whom a write key stands for. */
export interface Writer {
  site: Site;
  key: WriteKey;
}

/** The development site: any localhost origin, and a key that everyone knows. */
export const demoSite: Site = {
  id: 'demo',
  name: 'Demo',
  timeZone: 'UTC',
  currency: 'USD',
  writeKeys: [{ key: 'wk_demo' }],
  // A secret that everyone knows would let any page on the machine erase. The admin token serves there.
  secretKeys: [],
  origins: ['localhost', '*.localhost', '127.0.0.1', '[::1]'].flatMap((host) => [
    `http://${host}:*`,
    `https://${host}:*`,
  ]),
  strict: false,
  countAutomation: true,
};

const MAX_KEY_LENGTH = 100;

/**
 * The site of a write key, and the key with what is set for it. Found by a hash of the whole text, however many there
 * are: how close somebody's guess came does not show in the time it takes.
 */
export function findWriter(sites: readonly Site[], given: string): Writer | undefined {
  return given.length > MAX_KEY_LENGTH ? undefined : indexOf(sites).writers.get(given);
}

/** The site of a secret key. Digests are looked up, so that time tells nothing of the key itself. */
export function findSiteBySecret(sites: readonly Site[], given: string): Site | undefined {
  return given.length > MAX_KEY_LENGTH ? undefined : indexOf(sites).bySecret.get(hashOf(given));
}

interface KeyIndex {
  writers: Map<string, Writer>;
  /** By the digest of the key. */
  bySecret: Map<string, Site>;
}

/** Made once for each list of sites: a file that is loaded again is another list. */
const indexes = new WeakMap<readonly Site[], KeyIndex>();

function indexOf(sites: readonly Site[]): KeyIndex {
  const existing = indexes.get(sites);
  if (existing) return existing;
  const index: KeyIndex = {
    writers: new Map(sites.flatMap((site) => site.writeKeys.map((key) => [key.key, { site, key }]))),
    bySecret: new Map(sites.flatMap((site) => site.secretKeys.map((key) => [hashed(key), site]))),
  };
  indexes.set(sites, index);
  return index;
}
