import { INTERACTION_TYPES } from '@turnout/schema/wire';
import { ANSWER_PARAMETERS, DAYS } from '../query/view.ts';
import { quoted } from '../quoted.ts';
import type { PropSchema, TypeSchema } from './type-schema.ts';

const BUILT_IN: ReadonlySet<string> = new Set(INTERACTION_TYPES);
/** What every view of a type has before its props: what tells its rows apart comes first. */
const COLUMNS: readonly (readonly [name: string, type: string, sql: string, comment: string])[] = [
  ['site_id', 'LowCardinality(String)', 'i.site_id', 'The site.'],
  ['date', 'Date', 'i.local_date', 'Day in the time zone of the site.'],
  ['id', 'UUID', 'i.id', 'The interaction.'],
  ['user_key', 'UInt64', 'i.user_key', 'The person.'],
  [
    'entity_type',
    'LowCardinality(String)',
    'i.entity_type',
    'Kind of thing it is about; empty when about none.',
  ],
  ['entity_id', 'String', 'i.entity_id', 'The thing it is about.'],
  ['surface', 'LowCardinality(String)', 'i.surface', 'Where on the site.'],
  ['ts', "DateTime64(3, 'UTC')", 'i.ts', 'When it happened.'],
  ['session_key', 'UInt64', 'i.session_key', 'The session, as a hash.'],
];
/** Other columns have these names, or something else of an address of `/v1/query`. */
const TAKEN: ReadonlySet<string> = new Set([...COLUMNS.map(([name]) => name), ...DAYS, ...ANSWER_PARAMETERS]);
/** What needs no quotes as a column and no escape as a path. */
const PLAIN = /^[A-Za-z_]\w{0,62}$/;

/** The view of a type; none for a built-in one, whose facts are columns already. */
export const viewName = (name: string): string | undefined =>
  BUILT_IN.has(name) ? undefined : `custom_${name}`;

/**
 * A view of a custom type with a column for each prop, as one statement. Personal props have none: they are where erasure and
 * export look for them.
 */
export function typedView(name: string, { description, properties = {}, ...schema }: TypeSchema): string {
  const pii = schema['x-turnout']?.pii ?? [];
  const props = Object.entries(properties);
  const shown = props.filter(([prop]) => PLAIN.test(prop) && !pii.includes(prop));
  const left = props.filter(([prop]) => !PLAIN.test(prop) && !pii.includes(prop)).map(([prop]) => prop);
  const columns = [
    ...COLUMNS,
    ...shown.map(([prop, shape]) => {
      const [type, sql] = columnOf(prop, shape);
      const cast = `CAST(${sql}, ${quoted(type)})`;
      return [columnName(prop), type, cast, commentOf(shape)] as const;
    }),
  ];
  return [
    '-- Written by "turnout types" from the catalogue: change it there.',
    ...(left.length === 0
      ? []
      : [
          `-- Without ${left.map((prop) => JSON.stringify(prop)).join(', ')}: no column can have such a name.`,
        ]),
    `CREATE OR REPLACE VIEW turnout.${viewName(name)}`,
    '(',
    columns
      .map(([column, type, , comment]) => `    \`${column}\` ${type} COMMENT ${quoted(comment)}`)
      .join(',\n'),
    ')',
    'AS',
    'SELECT',
    columns.map(([column, , sql]) => `    ${sql} AS \`${column}\``).join(',\n'),
    'FROM turnout.interactions AS i',
    // A prop may have the name of a column.
    `WHERE i.type = 'custom' AND i.name = ${quoted(name)} AND i.is_bot = 0 AND i.env = 'production'`,
    `COMMENT ${quoted(`${sentence(description)} One row an interaction of this name; props are empty after 90 days.`)}`,
    '',
  ].join('\n');
}

/** A prop that is called as such a column is called one further: no two get one name, whatever props are added later. */
const columnName = (prop: string): string =>
  TAKEN.has(prop.replace(/^(prop_)+/, '')) ? `prop_${prop}` : prop;

function columnOf(prop: string, shape: PropSchema): readonly [type: string, sql: string] {
  const text = `toString(getSubcolumn(i.props, ${quoted(prop)}))`;
  switch (kindOf(shape)) {
    case 'integer':
      return ['Nullable(Int64)', `toInt64OrNull(${text})`];
    case 'number':
      return ['Nullable(Float64)', `toFloat64OrNull(${text})`];
    case 'boolean':
      return ['Nullable(Bool)', `multiIf(${text} = 'true', true, ${text} = 'false', false, NULL)`];
    case 'string':
      return ['String', `ifNull(${text}, '')`];
    default:
      // Lists, bundles, and what may be one thing or another.
      return ['String', `JSONExtractRaw(toString(i.props), ${quoted(prop)})`];
  }
}

/** The one JSON type of a prop, null aside; undefined when there are several, or none is said. */
function kindOf({ type, enum: values, anyOf }: PropSchema): string | undefined {
  if (anyOf) {
    const kinds = new Set(anyOf.filter((it) => it.type !== 'null').map(kindOf));
    return kinds.size === 1 ? [...kinds][0] : undefined;
  }
  const types = [type ?? []].flat().filter((it) => it !== 'null');
  if (types.length === 1) return types[0];
  return types.length === 0 && values?.every((value) => typeof value === 'string') ? 'string' : undefined;
}

function commentOf(shape: PropSchema): string {
  const kind = kindOf(shape);
  const said = shape.description === undefined ? '' : `${sentence(shape.description)} `;
  if (kind === 'string') return `${said}From its props; empty when it does not say.`;
  return kind === undefined || kind === 'array' || kind === 'object'
    ? `${said}From its props, as JSON; empty when it does not say.`
    : `${said}From its props; null when it does not say.`;
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
