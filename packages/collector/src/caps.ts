/**
 * How many different values a site may put into a column. The engine keeps a dictionary of every LowCardinality
 * column and a file for every path of a JSON column: without a bound, one page that puts an id where a name
 * belongs slows the whole table down.
 *
 * A cap holds for a month, which is what one part of the table spans. Beyond it a value becomes `(other)`, and a
 * prop moves into the text under `props.(other)`: nothing that was sent is lost, and every drop is counted.
 */
import type { InteractionRow, Json } from '@turnout/schema';

/** The columns whose values senders choose, and how many a site may have of each. */
export const CAPS = {
  name: 1_000,
  surface: 200,
  list_id: 5_000,
  entity_type: 50,
  experiment: 500,
  variant: 500,
  genre: 500,
  ticket_provider: 200,
  currency: 200,
  language: 300,
  sdk: 100,
  env: 20,
} as const satisfies { [column in keyof InteractionRow]?: number };

/** Paths of `props`; the column keeps 64 of them apart in a part and the others together. */
export const MAX_PROP_PATHS = 300;
/** Props that raw has a column of its own for: made from the prop when the row is stored. They are few, and count for nothing. */
const READ_AS_COLUMNS: ReadonlySet<string> = new Set([
  ...['result_count', 'click_id', 'media', 'quartile', 'variant_share'],
]);
const OTHER = '(other)';

export type CappedColumn = keyof typeof CAPS | 'props';

export interface Caps {
  /**
   * Replaces what is beyond a cap in columns of a row. Call it before the row is written to the log.
   *
   * @param receivedAt - As `received_at` has it.
   */
  apply(siteId: string, receivedAt: string, columns: Partial<InteractionRow>): void;
  /** What a site has already, such as after a start. Values beyond a cap are left out. */
  learn(siteId: string, column: CappedColumn, values: readonly string[], month: string): void;
}

export interface CapOptions {
  /** Is told of each value that was replaced. */
  onCapped(siteId: string, column: CappedColumn): void;
  /** Is told of each value that a site has from now on, in its month. */
  onLearned?(siteId: string, column: CappedColumn, value: string, month: string): void;
  /** Other limits, for a test. */
  limits?: Partial<Record<CappedColumn, number>>;
}

const COLUMNS = Object.keys(CAPS) as (keyof typeof CAPS)[];

export function createCaps({ onCapped, onLearned, limits = {} }: CapOptions): Caps {
  const limitOf = (column: CappedColumn) =>
    limits[column] ?? (column === 'props' ? MAX_PROP_PATHS : CAPS[column]);
  /** Of this month: what each site has sent. */
  let seen = new Map<string, Record<CappedColumn, Set<string>>>();
  let seenIn = '';

  function valuesOf(siteId: string): Record<CappedColumn, Set<string>> {
    const known = seen.get(siteId);
    if (known) return known;
    const columns = [...COLUMNS, 'props'] as const;
    const values = Object.fromEntries(columns.map((column) => [column, new Set<string>()])) as Record<
      CappedColumn,
      Set<string>
    >;
    seen.set(siteId, values);
    return values;
  }

  function turnTo(month: string): void {
    if (month <= seenIn) return;
    seen = new Map();
    seenIn = month;
  }

  function hasRoom(siteId: string, column: CappedColumn, values: Set<string>, value: string): boolean {
    if (values.has(value)) return true;
    if (values.size >= limitOf(column)) return false;
    values.add(value);
    onLearned?.(siteId, column, value, seenIn);
    return true;
  }

  return {
    apply(siteId, receivedAt, row) {
      turnTo(receivedAt.slice(0, 7));
      const values = valuesOf(siteId);
      for (const column of COLUMNS) {
        const value = row[column];
        if (value === undefined || value === '' || hasRoom(siteId, column, values[column], value)) continue;
        row[column] = column === 'sdk' ? otherSdk(value) : OTHER;
        onCapped(siteId, column);
      }
      if (row.props && !areAllKnown(row.props, values.props)) row.props = capProps(row.props, siteId);
    },
    learn(siteId, column, values, month) {
      turnTo(month);
      if (month !== seenIn) return;
      const known = valuesOf(siteId)[column];
      for (const value of values) hasRoom(siteId, column, known, value);
    },
  };

  function capProps(props: Props, siteId: string): Props {
    const values = valuesOf(siteId).props;
    const limit = limitOf('props');
    const left: Props = {};
    const kept: Props = {};
    for (const [key, value] of Object.entries(props)) {
      if (READ_AS_COLUMNS.has(key) && !isNested(value)) {
        kept[key] = value;
        continue;
      }
      const paths = pathsOf(key, value);
      const isNew = paths.filter((path) => !values.has(path));
      // All of a prop or nothing: half an object would mislead.
      if (values.size + isNew.length <= limit) {
        for (const path of isNew) hasRoom(siteId, 'props', values, path);
        kept[key] = value;
      } else {
        left[key] = value;
        onCapped(siteId, 'props');
      }
    }
    if (Object.keys(left).length === 0) return props;
    return { ...kept, [OTHER]: JSON.stringify(left) };
  }
}

/** Whoever looks a row up has to see by which of our doors it came (`sought.ts`). */
function otherSdk(value: string): string {
  if (value === 'ingest') return value;
  return value.startsWith('segment') ? `segment:${OTHER}` : OTHER;
}

type Props = { [key: string]: Json };

/** Whether plain props bring no new path. Nearly none do, and looking costs no array. */
function areAllKnown(props: Props, paths: ReadonlySet<string>): boolean {
  for (const key in props) {
    if (isNested(props[key] ?? null) || !(paths.has(key) || READ_AS_COLUMNS.has(key))) return false;
  }
  return true;
}

/** The paths that the column makes of a prop: `a.b` for b inside of a; arrays are one path. */
function pathsOf(key: string, value: Json): string[] {
  if (!isNested(value)) return [key];
  return Object.entries(value).flatMap(([inner, part]) => pathsOf(`${key}.${inner}`, part));
}

/** Several paths; anything else is one. */
const isNested = (value: Json): value is Props =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
