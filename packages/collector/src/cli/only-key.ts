import { type Config, readSitesFile } from '../config.ts';
import type { RunFile } from '../run-file.ts';
import type { Site } from '../sites.ts';

/**
 * A write key of the one site that there is. Into which of several is not for us to guess: rows cannot be moved afterwards.
 *
 * @throws Error that lists the keys to choose from.
 */
export function onlyKey(config: Pick<Config, 'sites'>, running: RunFile | undefined): string {
  const sites = sitesOf(config, running);
  const keys = sites.flatMap((site) => {
    const key = site.writeKeys.find(({ isRevoked }) => !isRevoked);
    return key ? [{ site, key: key.key }] : [];
  });
  const [only, ...others] = keys;
  if (only && others.length === 0 && sites.length === 1) return only.key;
  throw new Error(
    only
      ? `Say for which site, by one of its write keys: ${keys.map(({ site, key }) => `--key ${key} (${site.id})`).join(', ')}.`
      : 'No site has a write key that is in use. Say with --key for which site this is, once it has one.',
  );
}

/** Those of the collector that is asked: whoever types a command rarely has the settings of the service in their shell. */
function sitesOf({ sites }: Pick<Config, 'sites'>, running: RunFile | undefined): readonly Site[] {
  if (running?.sites_file === undefined) return sites;
  const read = readSitesFile(running.sites_file);
  if ('problems' in read) throw new Error(read.problems.join('\n'));
  return read.sites;
}
