import { INTERACTION_TYPES } from '@turnout/schema/wire';
import type { PropSchema, TypeSchema, TypeSchemas } from './type-schema.ts';

const BUILT_IN: ReadonlySet<string> = new Set(INTERACTION_TYPES);

/** The types of a catalogue as a page for people: those of the site first. */
export function typesPage(schemas: TypeSchemas): string {
  const names = Object.keys(schemas);
  const sections = (isOwn: boolean) =>
    names
      .filter((name) => BUILT_IN.has(name) !== isOwn)
      .map((name) => section(name, schemas[name] as TypeSchema))
      .join('\n');
  const own = sections(true);
  return [
    '# What is recorded',
    '',
    'Written by `turnout types` from the catalogue: change it there.',
    '',
    ...(own === '' ? [] : ['## Types of this site', '', own]),
    ...(sections(false) === '' ? [] : ['## Built-in types', '', sections(false)]),
  ].join('\n');
}

function section(name: string, schema: TypeSchema): string {
  const { entity, requires = {}, pii = [], version } = schema['x-turnout'] ?? {};
  const facts = [
    entity && `About: ${entity.map(code).join(', ')}.`,
    ...Object.entries(requires).map(
      ([kind, facts]) =>
        `Carries${kind === 'any' ? '' : ` about ${code(kind)}`}: ${facts.map(code).join(', ')}.`,
    ),
    version !== undefined && `Version ${version}.`,
  ].filter(Boolean);
  const required = new Set(schema.required ?? []);
  const rows = Object.entries(schema.properties ?? {}).map(
    ([prop, shape]) =>
      `| ${code(prop)} | ${cell(typeOf(shape))} | ${required.has(prop) ? 'yes' : ''} | ${cell(
        [shape.description, pii.includes(prop) && 'Personal.'].filter(Boolean).join(' '),
      )} |`,
  );
  return [
    `### ${name}`,
    '',
    schema.description,
    ...(facts.length === 0 ? [] : ['', facts.join(' ')]),
    ...(rows.length === 0 ? [] : ['', '| prop | type | required | |', '| --- | --- | --- | --- |', ...rows]),
    '',
  ].join('\n');
}

/** In a few words: `"modal" or "page"`, `list of string`, `integer`. */
function typeOf(shape: PropSchema): string {
  if (shape.anyOf) return shape.anyOf.map(typeOf).join(' or ');
  if (shape.enum) return shape.enum.map((value) => JSON.stringify(value)).join(' or ');
  if ('const' in shape) return JSON.stringify(shape.const);
  if (shape.type === 'array') return `list of ${typeOf(shape.items ?? {})}`;
  return [shape.type ?? 'anything'].flat().join(' or ');
}

const code = (text: string): string => `\`${text}\``;
/** A bar or a line break would end the cell. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
