import type { Json } from '@turnout/schema';
import { cleanText } from './clean.ts';
import type { Traits } from './knowledge.ts';

const MAX_CITY_LENGTH = 100;
const GENDERS: Record<string, string> = {
  f: 'female',
  female: 'female',
  woman: 'female',
  m: 'male',
  male: 'male',
  man: 'male',
  x: 'nonbinary',
  nonbinary: 'nonbinary',
  'non-binary': 'nonbinary',
};

/**
 * The traits that `identify` or the catalogue tells of a person; undefined when there are none. A name, an email
 * address or anything else in there is left alone: it is not asked for.
 *
 * @param year - This year, for an age.
 */
export function readTraits(told: { [key: string]: Json }, year: number): Traits | undefined {
  const traits: Traits = {
    ...field('birth_year', birthYear(told, year)),
    ...field('gender', genderOf(told.gender)),
    ...field('city', cityOf(told.city)),
    ...field('country', countryOf(told.country)),
  };
  return Object.keys(traits).length > 0 ? traits : undefined;
}

const field = <Name extends keyof Traits>(name: Name, value: Traits[Name] | undefined) =>
  value === undefined ? {} : { [name]: value };

function birthYear(told: { [key: string]: Json }, year: number): number | undefined {
  const written = told.birth_year ?? told.birthday ?? told.birth_date ?? told.date_of_birth;
  const found =
    typeof written === 'number' ? written : Number(/^\d{4}(?=$|-)/.exec(String(written ?? ''))?.[0]);
  const born = Number.isInteger(found)
    ? found
    : typeof told.age === 'number'
      ? year - Math.floor(told.age)
      : Number.NaN;
  return born >= year - 120 && born <= year ? born : undefined;
}

/** A handful of values: anything else counts as `other`, so that nobody stands alone by what they wrote. */
function genderOf(value: Json | undefined): string | undefined {
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  return GENDERS[value.trim().toLowerCase()] ?? 'other';
}

/** A city as text, cut to what a column should hold. */
export function cityOf(value: Json | undefined): string | undefined {
  const city = typeof value === 'string' ? value.trim().slice(0, MAX_CITY_LENGTH) : '';
  return city === '' ? undefined : cleanText(city);
}

/** ISO 3166-1 alpha-2, in capitals. `XX` and `T1` are what networks say when they do not know. */
export function countryOf(value: Json | undefined): string | undefined {
  const country = typeof value === 'string' ? value.trim().toUpperCase() : '';
  return /^[A-Z]{2}$/.test(country) && country !== 'XX' ? country : undefined;
}
