/**
 * The sites file: many sites, many keys each. Whatever is wrong with it is said at once, each problem with its place.
 */
import { z } from 'zod';
import { isOriginCovered, ORIGIN } from './origins.ts';
import { HASHED, hashed, hashOf } from './secret.ts';
import type { Site, WriteKey } from './sites.ts';

const isTimeZone = (timeZone: string) => {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone });
    return true;
  } catch {
    return false;
  }
};

const origin = z
  .string('write text')
  .regex(ORIGIN, 'write scheme and host in lower case without a path, such as "https://example.com"')
  // Browsers leave the scheme's own port out of an origin: with it, nothing would ever match.
  .refine((text) => !/^(https:.*:443|http:.*:80)$/.test(text), 'leave out the default port');

const writeKeySchema = z.preprocess(
  (value) => (typeof value === 'string' ? { key: value } : value),
  z
    .strictObject(
      {
        key: z
          .string('write the key, such as "wk_5f2c9a"')
          .regex(/^[A-Za-z0-9_-]{6,100}$/, 'use 6 to 100 letters, digits, "_" and "-", such as "wk_5f2c9a"'),
        name: z.string('write text').max(200, 'use at most 200 characters').optional(),
        revoked: z.boolean('write true or false').optional(),
        origins: z
          .array(origin, 'list some of the origins of the site; leave it out for all of them')
          .optional(),
        rate: z
          .int('write how many requests a second it may make, a whole number')
          .min(1, 'use 1 or more, or "revoked": true to stop it')
          .max(1_000_000, 'use at most 1000000; leave it out for no limit')
          .optional(),
        daily_quota: z
          .int('write how many interactions it may send a day, a whole number')
          .min(1, 'use 1 or more, or "revoked": true to stop it')
          .max(1e12, 'use at most 1e12; leave it out for no limit')
          .optional(),
      },
      {
        error: ({ code }) =>
          code === 'invalid_type'
            ? 'write a key such as "wk_5f2c9a", or {"key": "wk_5f2c9a", "name": "box office"}'
            : undefined,
      },
    )
    .transform(
      ({ key, name, revoked, origins, rate, daily_quota }): WriteKey => ({
        key,
        ...(name === undefined ? {} : { name }),
        ...(revoked ? { isRevoked: true } : {}),
        ...(origins === undefined ? {} : { origins }),
        ...(rate === undefined ? {} : { rate }),
        ...(daily_quota === undefined ? {} : { dailyQuota: daily_quota }),
      }),
    ),
);

const secretKey = z
  .string('write text')
  .refine(
    (text) => HASHED.test(text) || /^[A-Za-z0-9_-]{24,100}$/.test(text),
    'use 24 to 100 random letters, digits, "_" and "-", such as the output of "openssl rand -hex 24", or "sha256:" and the 64 hex digits of its hash',
  )
  // From here on nobody needs the key itself.
  .transform(hashed);

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
      .array(writeKeySchema, 'list at least one key, such as ["wk_5f2c9a"]')
      .min(1, 'list at least one key, such as ["wk_5f2c9a"]'),
    secret_keys: z
      .array(secretKey, 'list keys that only servers know; leave it out when there are none')
      .optional(),
    origins: z.array(
      origin,
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
    // The engine quotes what is around the mistake, and that may be a secret key.
    const reason = String(error).replace(/, (\.\.\.)?".*"(\.\.\.)? is not/s, ' is not');
    return { problems: [`the file is no JSON: ${reason}`] };
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
    ...repeated(sites.flatMap(({ writeKeys }) => writeKeys.map(({ key }) => key))).map(
      (key) => `the key "${key}" is listed twice: a key leads to one site, and is for writing or secret`,
    ),
    ...repeatedSecrets(sites),
    ...sites.flatMap(unreachableOrigins),
  ];
  return problems.length > 0 ? { problems } : { sites };
}

/** Secret keys that stand at two places, or serve for writing too. They are not repeated: problems are logged. */
function repeatedSecrets(sites: Site[]): string[] {
  const hashes = sites.flatMap(({ writeKeys, secretKeys }) => [
    ...new Set(writeKeys.map(({ key }) => hashOf(key))),
    ...secretKeys,
  ]);
  const secrets = new Set(sites.flatMap(({ secretKeys }) => secretKeys));
  return repeated(hashes)
    .filter((hash) => secrets.has(hash))
    .map((hash) => {
      const { id } = sites.find(({ secretKeys }) => secretKeys.includes(hash)) as Site;
      return `a secret key of the site "${id}" is listed twice: a key leads to one site, and is for writing or secret`;
    });
}

function unreachableOrigins(site: Site): string[] {
  return site.writeKeys.flatMap(({ key, origins = [] }) =>
    origins
      .filter((origin) => !isOriginCovered(site, origin))
      .map(
        (origin) =>
          `the key "${key}" lists the origin ${origin}, which its site "${site.id}" does not: list it there too`,
      ),
  );
}

function repeated(values: string[]): string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}
