import { INTERACTIONS_PATH, QUERY } from '@turnout/schema/wire';
import { Problem } from './problem.ts';
import { findSite, isOriginAllowed, type Site } from './sites.ts';

/**
 * The site that a write key leads to.
 *
 * @param origin - As the header has it; undefined for what is no browser.
 * @throws Problem 401 when the key is missing or unknown, 403 when the site does not list the origin.
 */
export function siteOfWriter(
  sites: readonly Site[],
  key: string | undefined,
  origin: string | undefined,
): Site {
  if (!key) {
    throw new Problem(
      401,
      'key_missing',
      `The address carries no write key: post to ${INTERACTIONS_PATH}?${QUERY.key}=<write key>.`,
    );
  }
  const site = findSite(sites, key);
  if (!site)
    throw new Problem(
      401,
      'key_unknown',
      'No site has this write key. Compare it with the sites file of the collector.',
    );
  if (origin !== undefined && !isOriginAllowed(site, origin)) {
    throw new Problem(
      403,
      'origin_refused',
      `The site "${site.id}" does not list the origin ${origin.slice(0, 200)}. Add it to its "origins".`,
    );
  }
  return site;
}
