/**
 * What migrations and verification need of a ClickHouse: one that runs statements and reads rows.
 * The collector gives its `@clickhouse/client`; tests give the engine itself.
 */
export interface Database {
  /** The cluster that has the tables, by its name in the configuration of ClickHouse. One server without. */
  cluster?: string | undefined;
  /** Runs one statement that returns no rows. Rejects with the engine's own message. */
  command(sql: string): Promise<void>;
  /**
   * Runs one SELECT and resolves with its rows (JSONEachRow). 64-bit integers come as strings: cast
   * with `toString` where that matters.
   *
   * @param parameters - Values for `{name:Type}` placeholders in the statement.
   * @param signal - Gives the question up, at the database too where that hears of it.
   */
  query<Row>(sql: string, parameters?: Record<string, unknown>, signal?: AbortSignal): Promise<Row[]>;
}
