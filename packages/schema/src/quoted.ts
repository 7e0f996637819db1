/** A text as ClickHouse reads it in a statement, for where no parameter can stand. */
export const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
