/**
 * A view that can be asked, as the database describes it. What may be asked of it follows from its columns and arguments
 * alone: a view that a migration adds tomorrow can be asked without a word here.
 */

export interface Column {
  name: string;
  /** As ClickHouse writes it: `LowCardinality(String)`. */
  type: string;
  comment: string;
}

/** What a view wants to be told: `funnel(steps, window, from, to)`. */
export interface Argument {
  name: string;
  type: string;
}

export interface View {
  name: string;
  comment: string;
  columns: readonly Column[];
  arguments: readonly Argument[];
}

/** What the address says about the answer and not about its rows: no column and no argument can be asked by these names. */
export const ANSWER_PARAMETERS = ['site', 'columns', 'order', 'limit', 'after', 'offset'] as const;

/** What picks rows by their day, where a view has one: there no column can be asked by these names either. */
export const DAYS = ['from', 'to'] as const;

/** The type without what only says how it is stored, or that it may be missing. */
export const plainType = (type: string): string =>
  /^(?:LowCardinality|Nullable)\((.*)\)$/.exec(type)?.[1]?.replace(/^Nullable\((.*)\)$/, '$1') ?? type;

/** What rows can be sorted by: no list and no bundle of values. */
export const isSingle = ({ type }: Column): boolean =>
  !/^(Array|Tuple|Map|Nested|JSON|Dynamic|Variant|AggregateFunction)\b/.test(type);

const isNamed = ({ name, type }: Column, types: RegExp) => name === 'user_key' || types.test(plainType(type));
const isAnArgument = (view: View, name: string) => view.arguments.some((it) => it.name === name);

/** Columns that rows can be picked by: `event_id=42`. Counts, rates and lists are compared with nothing. */
export function filtersOf(view: View): Column[] {
  return view.columns.filter(
    (column) =>
      isNamed(column, /^(String|UUID|Date|U?Int(8|16|32))$/) &&
      column.name !== 'site_id' &&
      !(hasDays(view) && (DAYS as readonly string[]).includes(column.name)) &&
      !isAnArgument(view, column.name) &&
      !(ANSWER_PARAMETERS as readonly string[]).includes(column.name),
  );
}

/** Whether `from` and `to` pick rows by their day, rather than being arguments of the view or nothing at all. */
export function hasDays(view: View): boolean {
  return (
    view.columns.some(({ name, type }) => name === 'date' && type === 'Date') &&
    !DAYS.some((name) => isAnArgument(view, name))
  );
}

/**
 * The columns that tell the rows of a site apart: those the view begins with, before it begins to count, and small whole
 * numbers, such as the step of a funnel. Pages are cut by them; a test holds them against the rows.
 */
export function identityOf(view: View): Column[] {
  const own = view.columns.filter(({ name }) => name !== 'site_id');
  const isName = ({ name, type }: Column) =>
    name === 'user_key' || /^(String|UUID|Date)$/.test(type.replace(/^LowCardinality\((.*)\)$/, '$1'));
  const counts = own.findIndex((column) => !isName(column) && !/^UInt(8|16|32)$/.test(column.type));
  const first = own.slice(0, counts === -1 ? own.length : counts);
  return [...first, ...own.slice(first.length).filter(({ type }) => /^UInt(8|16|32)$/.test(type))];
}
