import type { Database } from '@turnout/schema/migrate';

/** A ClickHouse, embedded or not: the same client and the same statements for both. */
export interface WritableDatabase extends Database {
  /**
   * Inserts rows as one block under a token: the same token again changes nothing.
   *
   * @param rows - JSONEachRow.
   * @throws DatabaseError with the engine's code.
   */
  insertBlock(table: string, token: string, rows: Uint8Array): Promise<void>;
  ping(): Promise<boolean>;
  close(): Promise<void>;
}

export interface Address {
  url: string;
  username?: string;
  password?: string;
}

/** The address in a URL with name and password, which the clients want beside it; undefined when it is none. */
export function addressIn(url: string): Address | undefined {
  try {
    const { protocol, username, password, origin, pathname } = new URL(url);
    if (!/^https?:$/.test(protocol)) return undefined;
    const own = { url: pathname === '/' ? origin : `${origin}${pathname}` };
    return username
      ? { ...own, username: decodeURIComponent(username), password: decodeURIComponent(password) }
      : own;
  } catch {
    return undefined; // No URL, or a per cent sign in a password that ought to be %25.
  }
}

/** A URL as it may be shown: without name, password and settings. */
export const shownUrl = (url: string): string => addressIn(url)?.url ?? 'an address that is none';

/** An error of ClickHouse with its number, such as 27 for a value that cannot be parsed. */
export class DatabaseError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * One segment is one block, and the same block on every attempt: nothing may split it, group it with
 * others or sort it out again. Deduplication reaches every view behind the table. All are set, because
 * servers differ in their defaults.
 */
const BLOCK_SETTINGS = {
  async_insert: 0,
  insert_deduplicate: 1,
  deduplicate_blocks_in_dependent_materialized_views: 1,
  input_format_parallel_parsing: 0,
  max_insert_block_size: 1_048_576,
  // Merging a block with itself before it is written costs more than a third of the insert, and merges nothing: keys
  // of raw rows differ, and the views have grouped theirs.
  optimize_on_insert: 0,
  min_insert_block_size_rows: 1_048_576,
  min_insert_block_size_bytes: 1_073_741_824,
  max_insert_threads: 1,
  max_partitions_per_insert_block: 0,
};

/**
 * On a cluster the block is cut by person, always the same way, and each part goes to its shard under the same token
 * before the answer comes; most replicas of the shard have it by then, because the log forgets it after.
 */
const CLUSTER_SETTINGS = { distributed_foreground_insert: 1, insert_quorum: 'auto' };

/** What the insert of a block is set to, by whatever client it travels. */
export const blockSettings = (
  token: string,
  cluster: string | undefined,
): Record<string, string | number> => ({
  insert_deduplication_token: token,
  ...BLOCK_SETTINGS,
  ...(cluster === undefined ? {} : CLUSTER_SETTINGS),
});

/** What a client of ClickHouse rejected with, as a {@link DatabaseError} when the server said so. */
export function rethrow(error: unknown): never {
  const code = Number((error as { code?: string }).code);
  const message = error instanceof Error ? error.message : String(error);
  throw Number.isFinite(code) ? new DatabaseError(code, message) : error;
}
