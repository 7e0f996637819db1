import { type Config, readSitesFile } from './config.ts';
import { openGeoFile } from './geo-file.ts';
import { placeIn } from './place.ts';
import type { Site } from './sites.ts';

/** What a running collector loads again on SIGHUP. Each request reads what holds when it comes. */
export interface LiveSettings {
  sites(): readonly Site[];
  placeOf(headers: Headers, address: string): ReturnType<typeof placeIn>;
  /** Loads both files again. One that is no good changes nothing, and what is wrong with it is logged. */
  reload(): void;
}

/** @throws Error when the file of networks cannot be read. The sites were read with the configuration. */
export function createLiveSettings(
  config: Config,
  log: { info(details: object, message: string): void; error(details: object, message: string): void },
): LiveSettings {
  let { sites } = config;
  let geoFile = config.geoDb === undefined ? undefined : openGeoFile(config.geoDb);

  function reloadSites(path: string): void {
    const read = readSitesFile(path);
    if ('problems' in read) {
      for (const problem of read.problems)
        log.error({ problem }, 'the sites file is not loaded: the old sites stay');
      return;
    }
    const [before, after] = [sites, read.sites].map((some) => new Set(some.map(({ id }) => id)));
    sites = read.sites;
    log.info(
      {
        sites: sites.length,
        added: [...(after ?? [])].filter((id) => !before?.has(id)),
        removed: [...(before ?? [])].filter((id) => !after?.has(id)),
      },
      'the sites file is loaded',
    );
  }

  function reloadGeoFile(path: string): void {
    try {
      geoFile = openGeoFile(path);
      log.info({}, 'the file of networks is loaded');
    } catch (error) {
      log.error(
        { problem: (error as Error).message },
        'the file of networks is not loaded: the old one stays',
      );
    }
  }

  return {
    sites: () => sites,
    placeOf(headers, address) {
      const told = placeIn(headers, config);
      const found = geoFile?.(address) ?? {};
      if (told.country === undefined && told.city === undefined) return found;
      // The header wins. A city of another country than the header names would be nowhere.
      return told.city === undefined && told.country === found.country ? found : told;
    },
    reload() {
      if (config.sitesFile !== undefined) reloadSites(config.sitesFile);
      if (config.geoDb !== undefined) reloadGeoFile(config.geoDb);
    },
  };
}
