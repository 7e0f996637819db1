import type { Question } from './read-question.ts';
import { type Column, identityOf, isSingle, plainType } from './view.ts';

/** Where in a row of the answer its place in the order stands, until it is sent. */
export const PLACE = '_place';

/**
 * The statement of a question. Names come from the schema; every value is a parameter.
 *
 * @param siteId - Whose rows: no question can say otherwise.
 */
export function toStatement(
  { view, columns, arguments: given, picks, from, to, order, limit, offset, after }: Question,
  siteId: string,
): { sql: string; parameters: Record<string, unknown> } {
  const parameters: Record<string, unknown> = { the_site: siteId };
  /** Writes a value as a parameter. */
  const bind = (type: string, value: unknown): string => {
    const name = `p${Object.keys(parameters).length}`;
    parameters[name] = value;
    return `{${name}:${type}}`;
  };
  const bindColumn = ({ type }: Column, value: string) => bind(plainType(type), value);
  const identity = identityOf(view);

  const told = view.arguments.map(({ name, type }) => {
    const values = given.get(name) ?? [];
    return `${name} = ${bind(type, type.startsWith('Array(') ? values : values[0])}`;
  });
  const conditions = [
    'site_id = {the_site:String}',
    ...(from === undefined ? [] : [`date >= ${bind('Date', from)}`]),
    ...(to === undefined ? [] : [`date <= ${bind('Date', to)}`]),
    ...picks.map(
      ({ column, values }) =>
        `${quoted(column)} IN (${values.map((value) => bindColumn(column, value)).join(', ')})`,
    ),
    ...(after === undefined
      ? []
      : [
          `(${identity.map(quoted).join(', ')}) > (${identity.map((column, place) => bindColumn(column, after[place] ?? '')).join(', ')})`,
        ]),
  ];
  const place =
    order.length > 0
      ? []
      : [`[${identity.map((column) => `toString(${quoted(column)})`).join(', ')}] AS ${PLACE}`];
  const sorted = [
    ...order.map(
      ({ column, isDescending }) => `${quoted(column)} ${isDescending ? 'DESC' : 'ASC'} NULLS LAST`,
    ),
    // Rows that are alike in what was asked for stand in one order too, on every page. A view of somebody's own may have
    // rows that nothing tells apart but what is shown of them.
    ...[...new Set([...identity, ...columns.filter(isSingle)])].map(quoted),
  ];
  const sql = [
    `SELECT ${[...columns.map(quoted), ...place].join(', ')}`,
    `FROM turnout.${view.name}${told.length > 0 ? `(${told.join(', ')})` : ''}`,
    `WHERE ${conditions.join(' AND ')}`,
    ...(sorted.length === 0 ? [] : [`ORDER BY ${sorted.join(', ')}`]),
    // One more than is shown tells whether there is a next page.
    `LIMIT ${bind('UInt32', limit + 1)} OFFSET ${bind('UInt32', offset)}`,
  ].join('\n');
  return { sql, parameters };
}

const quoted = ({ name }: Column): string => `\`${name}\``;
