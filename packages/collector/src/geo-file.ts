import { readFileSync } from 'node:fs';
import type { Json } from '@turnout/schema';
import { Reader } from 'mmdb-lib';
import { networkOf } from './client-address.ts';
import type { Stamp } from './knowledge.ts';
import { cityOf, countryOf } from './traits.ts';

/** Where an address is, as far as the file knows. */
export type GeoFile = (address: string) => Pick<Stamp, 'city' | 'country'>;

/** The fields of a record that are read: as MaxMind and DB-IP write them, or as plain texts. */
interface GeoRecord {
  country?: { iso_code?: Json } | string;
  country_code?: Json;
  city?: { names?: { en?: Json } } | string;
}

const MAX_REMEMBERED_RECORDS = 10_000;

/**
 * Opens a file of networks (`.mmdb`), whole, in memory. It is asked for the truncated address only: that is too coarse
 * for a household and fine enough for a city.
 *
 * @throws Error when it cannot be read.
 */
export function openGeoFile(path: string): GeoFile {
  let reader: Reader<never>;
  try {
    reader = new Reader<never>(readFileSync(path), { cache: aCache() });
  } catch (error) {
    throw new Error(
      `TURNOUT_GEO_DB names ${path}, which cannot be read as an .mmdb file: ${(error as Error).message}.`,
    );
  }
  const knowsIPv6 = reader.metadata.ipVersion === 6;

  return (address) => {
    const network = networkOf(address);
    // The reader would take the first bits of an IPv6 address for one of IPv4.
    if (network === '' || (!knowsIPv6 && network.includes(':'))) return {};
    const { country, country_code, city } = recordOf(reader, network);
    return {
      country: countryOf(typeof country === 'object' ? country.iso_code : (country_code ?? country)),
      city: cityOf(typeof city === 'object' ? city.names?.en : city),
    };
  };
}

function recordOf(reader: Reader<never>, network: string): GeoRecord {
  try {
    return (reader.get(network) as GeoRecord | null) ?? {};
  } catch {
    return {}; // A file that is damaged inside must not cost an interaction: nothing is known of this network.
  }
}

/** Decoding a record costs more than finding it, and a city has many networks. */
function aCache() {
  const records = new Map<string | number, unknown>();
  return {
    get: (key: string | number) => records.get(key),
    set(key: string | number, record: unknown) {
      if (records.size >= MAX_REMEMBERED_RECORDS) records.clear();
      records.set(key, record);
    },
  };
}
