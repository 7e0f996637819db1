import type { JsonObject } from '../../read-json.ts';

/** Traits that say who somebody is. They are left out before anything is stored: nothing here needs them. */
const PERSONAL_TRAITS: ReadonlySet<string> = new Set([
  'email',
  'phone',
  'name',
  'firstname',
  'lastname',
  'first_name',
  'last_name',
  'username',
  'avatar',
  'address',
  'birthday',
  'password',
  'ip',
]);

/** What may be kept of the traits of `identify` and `group`; of an address the city and country, of a birthday the year. */
export function traitsOf(told: JsonObject): JsonObject {
  const kept = Object.fromEntries(
    Object.entries(told).filter(([name]) => !PERSONAL_TRAITS.has(name.toLowerCase())),
  );
  const address = told.address;
  if (typeof address === 'object' && address !== null) {
    const { city, country } = address as JsonObject;
    if (typeof city === 'string') kept.city ??= city;
    if (typeof country === 'string') kept.country ??= country;
  }
  const year = /^\d{4}(?=$|-)/.exec(typeof told.birthday === 'string' ? told.birthday : '')?.[0];
  if (year !== undefined) kept.birth_year ??= Number(year);
  return kept;
}
