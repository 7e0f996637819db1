import type { CollectorDependencies } from '../dependencies.ts';
import { Problem } from '../problem.ts';
import { bearerOf, isSecret } from '../secret.ts';
import { findSiteBySecret, type Site } from '../sites.ts';

/** Whoever shows the admin token may do everything; whoever shows the secret key of a site, what concerns that site. */
export function authorizeSite(
  header: string | undefined,
  site: string | undefined,
  { token, sites }: { token: string; sites: readonly Site[] },
): Site {
  const own = siteOfSecret(header, site, sites);
  if (own) return own;
  if (!isSecret(bearerOf(header), token)) {
    throw new Problem(
      401,
      'token_wrong',
      'This address wants "Authorization: Bearer <secret key of the site, or admin token>". Secret keys are in the sites file; the token is in run.json of the data directory, or TURNOUT_ADMIN_TOKEN.',
    );
  }
  const [only, ...others] = sites;
  if (site === undefined && only && others.length === 0) return only;
  const found = sites.find(({ id }) => id === site);
  if (!found) {
    const known = sites.map(({ id }) => id).join(', ');
    throw new Problem(
      400,
      'site_unknown',
      `Say which site, with "?site=<id>" in the address or --site of the command. There are: ${known}.`,
    );
  }
  return found;
}

/**
 * The site that a back end may report about and ask about.
 *
 * @throws Problem 401, 403 or 400 as `authorize` of the dependencies does; without it, secret keys alone open anything.
 */
export function siteOfServer(
  { authorize, sites }: Pick<CollectorDependencies, 'authorize' | 'sites'>,
  header: string | undefined,
  site: string | undefined,
): Site {
  if (authorize) return authorize(header, site);
  const own = siteOfSecret(header, site, sites());
  if (own) return own;
  throw new Problem(
    401,
    'token_wrong',
    'This address wants "Authorization: Bearer <secret key of the site>". Secret keys are in the sites file.',
  );
}

/** The site whose secret key is shown, if one is; to name another one with it is a mistake that must not pass. */
function siteOfSecret(
  header: string | undefined,
  site: string | undefined,
  sites: readonly Site[],
): Site | undefined {
  const own = findSiteBySecret(sites, bearerOf(header));
  if (own && site !== undefined && site !== own.id)
    throw new Problem(403, 'site_refused', `This key belongs to the site "${own.id}", and to no other.`);
  return own;
}
