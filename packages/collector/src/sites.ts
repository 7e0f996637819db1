/**
 * Sites: whose interactions a collector takes, by which keys, from which origins.
 */
import { z } from 'zod';

/** One site: its own key, its own time zone and currency, its own numbers. */
export interface Site {
  id: string;
  name: string;
  /** IANA name: all days in rollups are days there. */
  timeZone: string;
  /** ISO 4217: the currency that sums add up. */
  currency: string;
  /** Publishable: they allow writing only. */
  writeKeys: readonly string[];
  /** Never in a page: they change the catalogue, and export and erase people. */
  secretKeys: readonly string[];
  /** Web origins that may send; `*` stands for any port, or with a dot for any subdomain. */
  origins: readonly string[];
  /** Interactions that lack what the catalogue asks for are rejected. */
  strict: boolean;
  /** Automated browsers count as people: a developer's own tests are this site's visitors. */
  countAutomation: boolean;
}

/** The development site: any localhost origin, and a key that everyone knows. */
export const demoSite: Site = {
  id: 'demo',
  name: 'Demo',
  timeZone: 'UTC',
  currency: 'USD',
  writeKeys: ['wk_demo'],
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
const ORIGIN = /^(https?):\/\/(\*\.)?([a-z0-9.-]+|\[[0-9a-f:]+\])(?::(\d{1,5}|\*))?$/;

const isTimeZone = (timeZone: string) => {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone });
    return true;
  } catch {
    return false;
  }
};

const siteSchema = z
  .strictObject({
    id: z
      .string('give the site a short name, such as "venue"')
      .regex(/^[a-z0-9][a-z0-9_-]{0,49}$/, 'use at most 50 lower-case letters, digits, "_" and "-"'),
    name: z.string('write text').max(200, 'use at most 200 characters').optional(),
    time_zone: z
      .string('name the time zone its days are counted in, such as "Europe/London"')
      .refine(isTimeZone, 'use an IANA time zone, such as "Europe/London"'),
    currency: z
      .string('name the currency its sums are in, such as "USD"')
      .regex(/^[A-Z]{3}$/, 'use three capital letters of ISO 4217, such as "USD"'),
    write_keys: z
      .array(
        z
          .string('write text')
          .regex(/^[A-Za-z0-9_-]{6,100}$/, 'use 6 to 100 letters, digits, "_" and "-", such as "wk_5f2c9a"'),
        'list at least one key, such as ["wk_5f2c9a"]',
      )
      .min(1, 'list at least one key, such as ["wk_5f2c9a"]'),
    secret_keys: z
      .array(
        z
          .string('write text')
          .regex(
            /^[A-Za-z0-9_-]{24,100}$/,
            'use 24 to 100 random letters, digits, "_" and "-", such as the output of "openssl rand -hex 24"',
          ),
        'list keys that only servers know; leave it out when there are none',
      )
      .optional(),
    origins: z.array(
      z
        .string('write text')
        .regex(ORIGIN, 'write scheme and host in lower case without a path, such as "https://example.com"')
        // Browsers leave the scheme's own port out of an origin: with it, nothing would ever match.
        .refine((origin) => !/^(https:.*:443|http:.*:80)$/.test(origin), 'leave out the default port'),
      'list the web origins that may send, such as ["https://example.com"]; [] when only servers do',
    ),
    strict: z.boolean('write true or false').optional(),
  })
  .transform(
    (site): Site => ({
      id: site.id,
      name: site.name ?? site.id,
      timeZone: site.time_zone,
      currency: site.currency,
      writeKeys: site.write_keys,
      secretKeys: site.secret_keys ?? [],
      origins: site.origins,
      strict: site.strict ?? false,
      countAutomation: false,
    }),
  );

const fileSchema = z.strictObject({
  sites: z.array(siteSchema, 'list the sites: {"sites":[…]}').min(1, 'list at least one site'),
});

/**
 * Reads the text of a sites file.
 *
 * @returns The sites, or every problem at once, each with its path and what to write instead.
 */
export function parseSites(text: string): { sites: Site[] } | { problems: string[] } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { problems: [`the file is no JSON: ${error instanceof Error ? error.message : String(error)}`] };
  }
  const parsed = fileSchema.safeParse(json);
  if (!parsed.success) {
    return {
      problems: parsed.error.issues.map((issue) => `${z.core.toDotPath(issue.path)}: ${issue.message}`),
    };
  }
  const { sites } = parsed.data;
  const problems = [
    ...repeated(sites.map(({ id }) => id)).map((id) => `two sites have the id "${id}": rename one`),
    ...repeated(sites.flatMap(({ writeKeys, secretKeys }) => [...writeKeys, ...secretKeys])).map(
      (key) => `the key "${key}" is listed twice: a key leads to one site, and is for writing or secret`,
    ),
  ];
  return problems.length > 0 ? { problems } : { sites };
}

/**
 * The site of a write key. It takes the same time whichever key comes close, so that nobody can guess
 * a key character by character.
 */
export function findSite(sites: readonly Site[], key: string): Site | undefined {
  return findByKey(sites, key, ({ writeKeys }) => writeKeys);
}

/** The site of a secret key, found as carefully. */
export function findSiteBySecret(sites: readonly Site[], key: string): Site | undefined {
  return findByKey(sites, key, ({ secretKeys }) => secretKeys);
}

function findByKey(
  sites: readonly Site[],
  key: string,
  keysOf: (site: Site) => readonly string[],
): Site | undefined {
  if (key.length > MAX_KEY_LENGTH) {
    return undefined;
  }
  let found: Site | undefined;
  for (const site of sites) {
    for (const candidate of keysOf(site)) {
      let difference = candidate.length ^ key.length;
      for (let index = 0; index < candidate.length; index += 1) {
        difference |= candidate.charCodeAt(index) ^ key.charCodeAt(index);
      }
      found = difference === 0 ? site : found;
    }
  }
  return found;
}

/** Whether a page of this origin, as the `Origin` header has it, may send to the site. */
export function isOriginAllowed(site: Site, origin: string): boolean {
  return site.origins.some((pattern) => matches(pattern, origin));
}

function matches(pattern: string, origin: string): boolean {
  const [, scheme, subdomain, host = '', port] = ORIGIN.exec(pattern) ?? [];
  const [, itsScheme, wildcard, itsHost = '', itsPort] = ORIGIN.exec(origin) ?? [];
  return (
    scheme !== undefined &&
    scheme === itsScheme &&
    wildcard === undefined &&
    (subdomain ? itsHost.endsWith(`.${host}`) : itsHost === host) &&
    (port === '*' ? itsPort !== '*' : itsPort === port)
  );
}

function repeated(values: string[]): string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}
