import type { Stamp } from './knowledge.ts';
import { cityOf, countryOf } from './traits.ts';

/** Names of the headers in which the operator's network says where a sender is. */
export interface PlaceHeaders {
  countryHeader: string | undefined;
  cityHeader: string | undefined;
}

/**
 * Where a sender is, by headers that a content delivery network sets. Only what the operator names is read:
 * anyone can send a header.
 */
export function placeIn(headers: Headers, names: PlaceHeaders): Pick<Stamp, 'city' | 'country'> {
  const headerOf = (name: string | undefined) =>
    name === undefined ? undefined : (headers.get(name) ?? undefined);
  return {
    country: countryOf(headerOf(names.countryHeader)),
    city: cityOf(decoded(headerOf(names.cityHeader))),
  };
}

/** Some networks send `M%C3%BCnchen`, others the letters. */
function decoded(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return text; // A per cent sign that is just one.
  }
}
