/**
 * What is wrong with what a developer passed to `track`, in words that say what to write instead.
 *
 * Production records what it can and leaves out the rest without a word; this is where it is said.
 */
import { type Catalog, liveMusic, missingMetadata } from '@turnout/schema/catalog';
import { INTERACTION_TYPES, type Interaction, MAX_PROPS_LENGTH } from '@turnout/schema/wire';
import { NAMES, NUMBERS } from '../interaction.ts';
import { toJson } from '../json.ts';
import { nearest } from './nearest.ts';

const DETAILS: readonly string[] = ['entity', 'props', ...NAMES];

/**
 * Checks one call of `track`.
 *
 * @param given - The details, as they were passed.
 * @param interaction - What was made of them, in the words of the wire.
 * @param own - The site's catalogue, where it has one.
 */
export function checkDetails(
  type: string,
  given: unknown,
  interaction: Interaction,
  own: Catalog | undefined,
): string[] {
  if (typeof given !== 'object' || given === null) {
    return [`the details are ${show(given)}, but they must be an object, such as { entity: 'event:42' }`];
  }
  const details = given as Record<string, unknown>;
  const problems = [...checkType(type, own)];
  for (const [name, value] of Object.entries(details)) {
    if (value === undefined || value === null) continue;
    const problem = DETAILS.includes(name) ? checkDetail(name, value) : unknownDetail(name);
    if (problem) problems.push(problem);
  }
  problems.push(...checkProps(details.props, interaction));
  const missing = missingMetadata(interaction, { ...liveMusic, ...own });
  if (missing.length) {
    problems.push(`should carry ${missing.join(', ')}: reports need it. Pass it as a detail or in "props"`);
  }
  return problems;
}

function* checkType(type: string, own: Catalog | undefined): Generator<string> {
  const names = [...INTERACTION_TYPES, ...Object.keys(own ?? {})];
  if (names.includes(type)) return;
  const meant = nearest(type, names);
  if (own) {
    yield `"${type}" is not in the catalogue${meant ? `: did you mean "${meant}"?` : '. Add it there'}`;
  } else if (meant) {
    yield `travels as a name of your own. If you meant "${meant}", write that`;
  }
}

function unknownDetail(name: string): string {
  const meant = nearest(name, DETAILS);
  return `"${name}" is no detail, and left out. ${
    meant ? `Did you mean "${meant}"?` : `Facts of your own go into "props": { props: { ${name}: … } }`
  }`;
}

function checkDetail(name: string, value: unknown): string | undefined {
  if (name === 'entity') {
    if (typeof value === 'string' && /^[^:]+:.+$/s.test(value)) return;
    return `entity ${show(value)} left out: write it as kind:id, such as event:42`;
  }
  if (NUMBERS.includes(name)) {
    if (typeof value !== 'number') return `"${name}" is ${show(value)}, but it must be a number`;
    if (!Number.isFinite(value))
      return `"${name}" left out: it is ${value}, and the wire has finite numbers only`;
  } else if (name === 'undo') {
    if (typeof value !== 'boolean') return `"undo" is ${show(value)}, but it must be true or false`;
  } else if (name !== 'props' && typeof value !== 'string') {
    return `"${name}" is ${show(value)}, but it must be a text`;
  }
}

function* checkProps(props: unknown, interaction: Interaction): Generator<string> {
  if (props === undefined || props === null) return;
  if (typeof props !== 'object' || Array.isArray(props)) {
    yield `"props" is ${show(props)}, but it must be an object, such as { genre: 'jazz' }`;
    return;
  }
  const carried = problemOf(props) === undefined ? props : (interaction.props ?? {});
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === 'function') yield `props.${name} is a function, and left out: pass what it returns`;
    else if (typeof value === 'number' && !Number.isFinite(value))
      yield `props.${name} is ${value}, and travels as null`;
    else if (value !== undefined && !(name in carried)) {
      // Traits that would name somebody are left out in any case.
      const reason = problemOf({ [name]: value }) ?? (interaction.type !== 'identify' && TOO_MUCH);
      if (reason) yield `props.${name} left out: ${reason}`;
    }
  }
}

const TOO_MUCH = `all props together may have ${MAX_PROPS_LENGTH} characters`;

function problemOf(props: object): string | undefined {
  try {
    toJson(props, MAX_PROPS_LENGTH);
  } catch (error) {
    return `JSON cannot carry it (${error instanceof Error ? error.message : error})`;
  }
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 100));
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
