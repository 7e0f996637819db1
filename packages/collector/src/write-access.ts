import { INTERACTIONS_PATH, QUERY } from '@turnout/schema/wire';
import { isOriginAllowed } from './origins.ts';
import { Problem } from './problem.ts';
import { findWriter, type Site, type Writer } from './sites.ts';

/**
 * Whom a write key stands for.
 *
 * @param origin - As the header has it; undefined for what is no browser.
 * @throws Problem 401 when the key is missing, unknown or revoked, 403 when site or key do not list the origin.
 */
export function writerOf(
  sites: readonly Site[],
  given: string | undefined,
  origin: string | undefined,
): Writer {
  if (!given) {
    throw new Problem(
      401,
      'key_missing',
      `The address carries no write key: post to ${INTERACTIONS_PATH}?${QUERY.key}=<write key>.`,
    );
  }
  const writer = findWriter(sites, given);
  if (!writer)
    throw new Problem(
      401,
      'key_unknown',
      'No site has this write key. Compare it with the sites file of the collector.',
    );
  const { site, key } = writer;
  if (key.isRevoked)
    throw new Problem(
      401,
      'key_revoked',
      `This write key of the site "${site.id}" was revoked. Use another one of the site.`,
    );
  if (origin !== undefined && !isOriginAllowed(site, origin)) {
    throw new Problem(
      403,
      'origin_refused',
      `The site "${site.id}" does not list the origin ${origin.slice(0, 200)}. Add it to its "origins".`,
    );
  }
  if (origin !== undefined && key.origins && !isOriginAllowed({ origins: key.origins }, origin)) {
    throw new Problem(
      403,
      'origin_refused',
      `This write key of the site "${site.id}" does not list the origin ${origin.slice(0, 200)}. Add it to the "origins" of the key, or use another key.`,
    );
  }
  return writer;
}
