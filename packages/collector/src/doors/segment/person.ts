import { keepTrait, MAX_PROPS_DEPTH } from '@turnout/schema/wire';
import { isObject, type JsonObject } from '../../read-json.ts';

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
  const others = Object.entries(told).filter(([name]) => !PERSONAL_TRAITS.has(name.toLowerCase()));
  const kept = withoutPersonal(Object.fromEntries(others)) as JsonObject;
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

/** At any depth that is taken at all: what nests deeper is rejected, with all that is in it. */
function withoutPersonal(value: unknown, depth = 0): unknown {
  if (depth > MAX_PROPS_DEPTH) return value;
  if (Array.isArray(value)) return value.map((one) => withoutPersonal(one, depth + 1));
  if (!isObject(value)) return value;
  const kept = Object.entries(value).flatMap(([name, it]) => {
    const told = keepTrait(name, it);
    return told === undefined ? [] : [[name, withoutPersonal(told, depth + 1)] as const];
  });
  return Object.fromEntries(kept);
}
