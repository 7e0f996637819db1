/**
 * Assertions whose messages say what was recorded instead, so that a failed test needs no debugger.
 */
import type { Interaction } from '@turnout/schema/wire';
import { type Details, writeInteraction } from '../interaction.ts';

type Fields = Record<string, unknown>;

/** The first interaction of a type that has all of `details`. Throws when there is none. */
export function expectInteraction(
  interactions: readonly Interaction[],
  type: string,
  details: Details = {},
): Interaction {
  const expected = fieldsOf(type, details);
  const found = interactions.find((interaction) => !differences(expected, interaction).length);
  if (found) return found;
  const wanted = `expect: no ${name(expected)} with ${show(details)} was recorded.`;
  if (!interactions.length) {
    throw new Error(
      `${wanted} Nothing was. Is the tracker the one that the page uses, and was the thing done before this line?`,
    );
  }
  const [nearest] = interactions
    .filter((interaction) => name(interaction) === name(expected))
    .map((interaction) => differences(expected, interaction))
    .sort((left, right) => left.length - right.length);
  const hint = nearest
    ? `The nearest ${name(expected)} differs in: ${nearest.join('; ')}.`
    : `Nothing of this type was.`;
  throw new Error(`${wanted} ${hint}\nRecorded were:\n${list(interactions)}`);
}

/** Throws when there is an interaction of a type that has all of `details`. */
export function expectNone(interactions: readonly Interaction[], type: string, details: Details = {}): void {
  const expected = fieldsOf(type, details);
  const found = interactions.filter((interaction) => !differences(expected, interaction).length);
  if (!found.length) return;
  throw new Error(
    `expectNone: ${found.length} ${name(expected)} with ${show(details)} ${
      found.length === 1 ? 'was' : 'were'
    } recorded:\n${list(found)}`,
  );
}

/** What is expected, in the words of the wire. */
function fieldsOf(type: string, details: Details): Fields {
  const { id: _, occurred_at: __, ...fields } = JSON.parse(writeInteraction(type, details).text);
  return fields;
}

/** Where `actual` is not as expected. What is not expected may be anything. */
function differences(expected: Fields, actual: object, path = ''): string[] {
  return Object.entries(expected).flatMap(([key, value]) => {
    const is = (actual as Fields)[key];
    if (isObject(value) && isObject(is)) return differences(value, is, `${path}${key}.`);
    return show(value) === show(is) ? [] : [`${path}${key} is ${show(is)}, expected ${show(value)}`];
  });
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const name = ({ type, name }: Fields | Interaction) => String(type === 'custom' ? name : type);

const show = (value: unknown) => (value === undefined ? 'missing' : JSON.stringify(value));

function list(interactions: readonly Interaction[]): string {
  const lines = interactions.map((interaction, index) => {
    const { id: _, occurred_at: __, type: ___, ...facts } = interaction;
    return `  ${index + 1}. ${name(interaction)} ${show(facts)}`;
  });
  const most = 20;
  return [...lines.slice(0, most), ...(lines.length > most ? [`  … ${lines.length - most} more`] : [])].join(
    '\n',
  );
}
