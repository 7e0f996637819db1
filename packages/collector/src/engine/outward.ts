import type { Session } from 'chdb';

/** Table functions that make rows out of nothing, or read only what the database has. */
const INWARD = new Set([
  'generate_series',
  'generateseries',
  'merge',
  'null',
  'numbers',
  'numbers_mt',
  'primes',
  'values',
  'view',
  'zeros',
  'zeros_mt',
]);

/** Ordinary functions that leave it: they work as the argument of another function, too. `file` is a table function as well. */
const SCALARS = [
  'file',
  'catboostevaluate',
  'aiclassify',
  'aiembed',
  'aiextract',
  'aigenerate',
  'aitranslate',
];

/** Free text that is printed, or compared with names the engine has. */
const PRINTED = new Set([
  'bool_false_representation',
  'bool_true_representation',
  'force_data_skipping_indices',
  'format_csv_null_representation',
  'format_custom_field_delimiter',
  'format_custom_result_after_delimiter',
  'format_custom_result_before_delimiter',
  'format_custom_row_after_delimiter',
  'format_custom_row_before_delimiter',
  'format_custom_row_between_delimiter',
  'format_json_object_each_row_column_for_object_name',
  'format_tsv_null_representation',
  'ignore_data_skipping_indices',
  'log_comment',
  'output_format_pretty_grid_charset',
  'output_format_sql_insert_table_name',
  'query_cache_tag',
  'workload',
]);

/** What a statement of a reader must not name, in lower case. */
export interface Outward {
  /** Functions that may reach files, other servers or programs. */
  functions: ReadonlySet<string>;
  /** Those of them that are ordinary functions. */
  scalars: ReadonlySet<string>;
  /** Settings that are the path of a file or SQL of their own: `output_format_schema`, `additional_result_filter`. */
  settings: ReadonlySet<string>;
}

/**
 * Every table function of this very engine but the harmless ones, and every setting that is free text, so that a newer
 * engine brings no surprise. `catboostEvaluate` loads a library.
 */
export async function findOutward(session: Session): Promise<Outward> {
  const listOf = async (sql: string) =>
    (await session.queryAsync(sql, { format: 'TSV' }))
      .text()
      .split('\n')
      .filter((name) => name !== '');
  const functions = await listOf('SELECT lower(name) FROM system.table_functions');
  const settings = await listOf(
    "SELECT lower(name) FROM system.settings WHERE type IN ('String', 'Map', 'URI', 'Dialect')",
  );
  if (!functions.includes('file') || !settings.includes('additional_result_filter'))
    throw new Error('The engine does not list its functions and settings: its SQL port cannot be guarded.');
  return {
    functions: new Set([...functions.filter((name) => !INWARD.has(name)), ...SCALARS]),
    scalars: new Set(SCALARS),
    settings: new Set(settings.filter((name) => !PRINTED.has(name))),
  };
}
