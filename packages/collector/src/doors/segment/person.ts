import { keepTrait, MAX_PROPS_DEPTH } from '@turnout/schema/wire';
import { isObject, type JsonObject } from '../../read-json.ts';

/**
 * What may be kept of the traits of `identify` and `group`, by the rule that the SDK follows as well; of an address the
 * city and country, of a birthday the year, by the name that the tables know it by.
 */
export function traitsOf(told: JsonObject): JsonObject {
  const { birthday, ...kept } = withoutPersonal(told) as JsonObject;
  if (birthday !== undefined) kept.birth_year ??= Number(birthday);
  const { address } = told;
  if (isObject(address)) {
    const { city, country } = address;
    if (typeof city === 'string') kept.city ??= city;
    if (typeof country === 'string') kept.country ??= country;
  }
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
