import { INTERACTION_TYPES } from '@turnout/schema/wire';
import { Problem } from '../problem.ts';
import { valuesProblem } from './value-problem.ts';
import {
  ANSWER_PARAMETERS,
  type Column,
  DAYS,
  filtersOf,
  hasDays,
  identityOf,
  isSingle,
  plainType,
  type View,
} from './view.ts';

/** What somebody asks of a view, checked: every name in it is one that the view has. */
export interface Question {
  view: View;
  columns: readonly Column[];
  /** What the view is told, by its own names. */
  arguments: ReadonlyMap<string, readonly string[]>;
  /** Rows have one of the values in each of the columns. */
  picks: readonly { column: Column; values: readonly string[] }[];
  from: string | undefined;
  to: string | undefined;
  /** Empty: by what tells rows apart. */
  order: readonly { column: Column; isDescending: boolean }[];
  limit: number;
  offset: number;
  /** The row behind which the page begins: its values of the columns that tell rows apart. */
  after: readonly string[] | undefined;
}

export const DEFAULT_LIMIT = 100;
export const MAX_LIMIT = 10_000;
/** Every page that is skipped to is counted from the first row. */
export const MAX_OFFSET = 1_000_000;
/** The most that a question may be long, but for where its page begins: it travels on to the database in an address, too. */
const MAX_SEARCH = 6_000;
/** With a question of the utmost length it has to fit into the 16 KiB that Node takes of an address and its headers. */
const MAX_AFTER = 4_000;
const SHOWN = 100;
const KNOWN_TYPES: ReadonlySet<string> = new Set(INTERACTION_TYPES);

const wrong = (message: string) => new Problem(400, 'question_wrong', message);
const shown = (text: string) => JSON.stringify(text.slice(0, SHOWN));

/** @throws Problem 400 that says what can be asked. */
export function readQuestion(view: View, search: URLSearchParams): Question {
  const asked = new URLSearchParams(search);
  for (const place of ['after', 'offset']) asked.delete(place);
  if (asked.toString().length > MAX_SEARCH)
    throw wrong(`The address is too long: behind the "?" it may have ${MAX_SEARCH} characters.`);
  const filters = filtersOf(view);
  const taken = new Set(['site']);
  /** The one value of a name; undefined when it is not there. */
  const one = (name: string): string | undefined => {
    taken.add(name);
    const [value, second] = search.getAll(name);
    if (second !== undefined) throw wrong(`"${name}" stands in the address twice: say it once.`);
    return value;
  };
  const names = (name: string): string[] | undefined => one(name)?.split(',');

  const given = readArguments(view, search, taken);
  const [from, to] = hasDays(view) ? [one('from'), one('to')] : [undefined, undefined];
  requireDays({ from: from ?? given.get('from')?.[0], to: to ?? given.get('to')?.[0] });
  const picks = filters.flatMap((column) => {
    taken.add(column.name);
    const values = search.getAll(column.name);
    if (values.length === 0) return [];
    requireValues(column.name, plainType(column.type), values);
    return [{ column, values }];
  });
  const columns = names('columns')?.map((name) => columnOf(view, name, 'columns'));
  const order = names('order')?.map((name) => readOrder(view, name)) ?? [];
  const limit = readWhole('limit', one('limit'), { without: DEFAULT_LIMIT, least: 1, most: MAX_LIMIT });
  const offset = readWhole('offset', one('offset'), { without: 0, least: 0, most: MAX_OFFSET });
  const after = readAfter(view, one('after'));
  if (after && order.length > 0)
    throw wrong('"after" goes on in the order of the view: with "order" it means nothing.');
  const unknown = [...search.keys()].find((name) => !taken.has(name));
  if (unknown !== undefined)
    throw wrong(`${shown(unknown)} cannot be asked of ${view.name}. ${canBeAsked(view)}`);
  return {
    view,
    columns: columns === undefined ? view.columns : [...new Set(columns)],
    arguments: given,
    picks,
    from,
    to,
    order,
    limit,
    offset,
    after,
  };
}

/** A sentence that names all that an address may say. */
function canBeAsked(view: View): string {
  const given = view.arguments.map(({ name }) => name);
  const days = hasDays(view) ? DAYS : [];
  const filters = filtersOf(view).map(({ name }) => name);
  return `It takes ${[...given, ...days, ...ANSWER_PARAMETERS].join(', ')}; and rows are picked by ${filters.join(', ')}.`;
}

function readArguments(view: View, search: URLSearchParams, taken: Set<string>): Map<string, string[]> {
  const given = new Map<string, string[]>();
  for (const { name, type } of view.arguments) {
    taken.add(name);
    const values = search.getAll(name);
    const item = /^Array\((.*)\)$/.exec(type)?.[1];
    if (values.length === 0)
      throw wrong(`${view.name} wants to be told "${name}" (${type}). ${view.comment}`);
    if (item === undefined && values.length > 1)
      throw wrong(`"${name}" stands in the address twice: say it once.`);
    const list = item === undefined ? values : values.flatMap((value) => value.split(','));
    requireValues(name, item ?? type, list);
    if (name === 'steps') requireTypes(list);
    given.set(name, list);
  }
  return given;
}

/** A step that nobody can take is a slip of the pen: the view would answer that nobody took it. */
function requireTypes(steps: readonly string[]): void {
  const wrongOne = steps.find((step) => step !== 'view_details' && !KNOWN_TYPES.has(step));
  if (wrongOne !== undefined)
    throw wrong(
      `"steps" names ${shown(wrongOne)}, which is no type of interaction. Types are ${INTERACTION_TYPES.join(', ')}.`,
    );
}

function requireValues(name: string, type: string, values: readonly string[]): void {
  const problem = valuesProblem(type, values);
  if (problem !== undefined)
    throw wrong(`"${name}" ${problem}; it is ${values.map(shown).slice(0, 3).join(', ')}.`);
}

function requireDays({ from, to }: { from: string | undefined; to: string | undefined }): void {
  if (from !== undefined) requireValues('from', 'Date', [from]);
  if (to !== undefined) requireValues('to', 'Date', [to]);
  if (from !== undefined && to !== undefined && from > to)
    throw wrong(`"from" (${from}) is later than "to" (${to}): no day lies between them.`);
}

function columnOf(view: View, name: string, parameter: string): Column {
  const column = view.columns.find((it) => it.name === name);
  if (column) return column;
  const known = view.columns.map((it) => it.name).join(', ');
  throw wrong(`"${parameter}" names ${shown(name)}, which ${view.name} does not have. It has ${known}.`);
}

function readOrder(view: View, text: string): { column: Column; isDescending: boolean } {
  const isDescending = text.startsWith('-');
  const column = columnOf(view, isDescending ? text.slice(1) : text, 'order');
  if (!isSingle(column))
    throw wrong(`"order" names "${column.name}", which is a list: order by a column of single values.`);
  return { column, isDescending };
}

function readWhole(
  name: string,
  text: string | undefined,
  { without, least, most }: { without: number; least: number; most: number },
): number {
  if (text === undefined) return without;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw wrong(`"${name}" must be a whole number from ${least} to ${most}, but it is ${shown(text)}.`);
}

/**
 * The place of a row in the order of its view, as it stands in an address; undefined where a row has none that would be
 * taken again: people may have searched for more text than an address holds.
 */
export function writeAfter(view: View, values: readonly string[]): string | undefined {
  if (!isPlace(view, values)) return undefined;
  const text = btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(values))))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
  return text.length > MAX_AFTER ? undefined : text;
}

function readAfter(view: View, text: string | undefined): string[] | undefined {
  if (text === undefined) return undefined;
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) =>
      char.charCodeAt(0),
    );
    const values: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (text.length <= MAX_AFTER && isPlace(view, values)) return values;
  } catch {
    // Said below, as of all that is no place in this view.
  }
  throw wrong('"after" is not a place in this view: take it from the "next" of an answer, as it is.');
}

/** What stands in a row may be longer than what may be asked for: the address bounds it. */
function isPlace(view: View, values: unknown): values is string[] {
  const identity = identityOf(view);
  return (
    Array.isArray(values) &&
    values.length > 0 &&
    values.length === identity.length &&
    values.every(
      (value, place) =>
        typeof value === 'string' &&
        !valuesProblem(plainType(identity[place]?.type ?? ''), [value], MAX_AFTER),
    )
  );
}
