/**
 * The same migrations on many machines: each statement for one server becomes the statements for a cluster.
 *
 * What is about people lives on the shard of its person: `x_local` holds a shard's rows, replicated, and `x` is a
 * Distributed table over all of them, so views read it by the name they always had. Every view that feeds a rollup reads
 * and writes its own shard. What is small, or joined, has a full copy on every machine and keeps its name.
 */
/** Tables whose rows live on one shard, and what decides which. Rows enter by views, save those of the first two. */
const SHARDED: Record<string, string> = {
  interactions: 'user_key',
  rejected_interactions: 'user_key',
  user_day: 'user_key',
  user_state: 'user_key',
  user_preferences: 'user_key',
  experiment_users: 'user_key',
  searches: 'user_key',
  // A row of these is about more than one person, and stands on each shard that has one of them: readers add up.
  sessions: 'rand()',
  entity_day: 'rand()',
  event_demographics_day: 'rand()',
  waitlist_day: 'rand()',
  media_day: 'rand()',
  site_day: 'rand()',
  touched_days: 'rand()',
};

/** Has a full copy on every machine: of two tables of one name, each shard's would be another. */
const COPIED = { path: '/clickhouse/tables/{uuid}/all', replica: '{shard}-{replica}' };
const SHARD = { path: '/clickhouse/tables/{uuid}/{shard}', replica: '{replica}' };

/** Whether each shard has rows of its own of a table. */
export const isSharded = (table: string): boolean => SHARDED[table] !== undefined;

/** A replicated copy on every machine, as an engine is written. */
export const COPIED_ENGINE = `ReplicatedMergeTree('${COPIED.path}', '${COPIED.replica}')`;

/** The name of a cluster in the configuration of ClickHouse. */
export const CLUSTER_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

/**
 * The statements that do on a cluster what a migration does on one server.
 *
 * @throws When the statement is of a kind that it does not know: better than half of it.
 */
export function forCluster(sql: string, cluster: string): string[] {
  if (!CLUSTER_NAME.test(cluster)) throw new Error(`${JSON.stringify(cluster)} is no name of a cluster.`);
  const on = `ON CLUSTER '${cluster}'`;
  const statement = /^((?:\s*--[^\n]*\n)*)\s*(CREATE|ALTER)\b([\s\S]*)$/.exec(sql);
  const head = statement && /^([\s\S]*?)\bturnout(?:\.(\w+))?/.exec(statement[3] as string);
  if (!statement || !head) throw new Error(`No statement for a cluster is known for: ${sql.slice(0, 200)}`);
  const [comment = '', verb = ''] = statement.slice(1, 3);
  const [opening = '', words = '', table = ''] = head;
  const rest = (statement[3] as string).slice(opening.length);
  const start = `${comment}${verb}${words}`;

  if (/^\s*DATABASE\b/.test(words)) return [`${start}turnout ${on}${rest}`];
  if (/^\s*(OR REPLACE )?VIEW\b/.test(words)) return [`${start}turnout.${table} ${on}${overShards(rest)}`];
  if (/^\s*MATERIALIZED VIEW\b/.test(words)) return [`${start}turnout.${table} ${on}${ofShard(rest)}`];
  const key = SHARDED[table];
  if (verb === 'ALTER') {
    if (key === undefined) return [`${start}turnout.${table} ${on}${rest}`];
    const local = `${start}turnout.${table}_local ${on}${rest}`;
    // The table over all shards has the columns, and nothing else: how they are packed, and when they clear, is not its
    // business. So a change of a type goes into a migration without either.
    const isAboutStorage = /^\s*MODIFY COLUMN\b/.test(rest) && /\b(CODEC|TTL)\b/.test(rest);
    return /^\s*(ADD|DROP|MODIFY|RENAME) COLUMN\b/.test(rest) && !isAboutStorage
      ? [local, `${start}turnout.${table} ${on}${rest}`]
      : [local];
  }
  const replicated = replicate(rest, key === undefined ? COPIED : SHARD);
  if (key === undefined) return [`${start}turnout.${table} ${on}${replicated}`];
  const said = /\nCOMMENT '((?:[^'\\]|\\.|'')*)'\s*$/.exec(rest)?.[1] ?? '';
  return [
    `${start}turnout.${table}_local ${on}${replicated}`,
    `CREATE TABLE IF NOT EXISTS turnout.${table} ${on} AS turnout.${table}_local
ENGINE = Distributed('${cluster}', 'turnout', '${table}_local', ${key})
COMMENT '${said} Over all shards.'`,
  ];
}

/**
 * FINAL merges the rows of each shard by itself. Who signs in may have begun the session as a visitor of another shard, so
 * over all shards its rows are put together here.
 */
function overShards(rest: string): string {
  return rest.replaceAll(/\bFROM turnout\.(\w+) AS (\w+) FINAL\b/g, (same, table: string, alias: string) => {
    if (SHARDED[table] !== 'rand()') return same;
    if (table !== 'sessions')
      throw new Error(`No reader merges ${table} over all shards yet: group by its key.`);
    return `FROM (${WHOLE_SESSIONS}) AS ${alias}`;
  });
}

const WHOLE_SESSIONS = `SELECT site_id, session_id,
    min(r.owner) AS owner, min(r.date) AS date, min(r.first_ts) AS first_ts, max(r.last_ts) AS last_ts,
    sum(r.interactions) AS interactions, sum(r.pages) AS pages, sum(r.ticket_clicks) AS ticket_clicks, sum(r.purchases) AS purchases
  FROM turnout.sessions AS r GROUP BY site_id, session_id`;

/** A view fed by blocks sees those of its own shard; one that counts by itself reads all shards. */
function ofShard(rest: string): string {
  if (/^\s*REFRESH\b/.test(rest)) return rest;
  return rest
    .replace(
      /(\bTO turnout\.)(\w+)/,
      (_, to: string, table: string) => `${to}${table}${SHARDED[table] === undefined ? '' : '_local'}`,
    )
    .replaceAll(/\bturnout\.interactions\b/g, 'turnout.interactions_local');
}

function replicate(rest: string, { path, replica }: { path: string; replica: string }): string {
  return rest
    .replace(
      /\nENGINE = (\w*MergeTree)(?:\((\w+)\))?/,
      (_, engine: string, version?: string) =>
        `\nENGINE = Replicated${engine}('${path}', '${replica}'${version === undefined ? '' : `, ${version}`})`,
    )
    .replace(
      /non_replicated_deduplication_window = (\d+)/,
      // By default a replicated table also forgets by time: a log that waited for long is stored again all the same.
      'replicated_deduplication_window = $1,\n    replicated_deduplication_window_seconds = 2592000',
    );
}
