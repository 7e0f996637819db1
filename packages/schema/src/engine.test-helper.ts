/** The real engine, in a directory of its own. chdb opens one in a process. */
import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Session } from 'chdb';
import type { Database } from './database.ts';
import { migrate } from './migrate.ts';
import { copyPrepared } from './prepared-folder.test-helper.ts';
import type { InteractionRow } from './table.ts';

/** An open engine, as migrations and verification see it, and what tests do beside. */
export interface Engine extends Database {
  /** Inserts rows the way the writer does: one block under one token. */
  insert(rows: InteractionRow[], token?: string): Promise<void>;
  close(): void;
}

/**
 * Keeps the engine from compiling expressions to machine code, which takes longer than a few rows do. For tests of what
 * is deleted and filled in when; where the numbers themselves are the subject, the engine does as it does for users.
 */
export const UNCOMPILED = [
  '--compile_expressions=0',
  '--compile_aggregate_expressions=0',
  '--compile_sort_description=0',
];

/** Opens an empty engine, or one in a folder, which stays. */
export function openEngine(more: string[] = [], folder?: string): Engine {
  const session = new Session(folder, {
    connectionArgs: ['--output_format_json_quote_64bit_integers=1', ...more],
  });
  return {
    async command(sql) {
      await session.queryAsync(sql);
    },
    async query<Row>(sql: string, parameters: Record<string, unknown> = {}) {
      const answer = await session.queryBindAsync(sql, parameters, { format: 'JSONEachRow' });
      const lines = answer.text().split('\n');
      return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Row);
    },
    async insert(rows, token = crypto.randomUUID()) {
      const lines = rows.map((row) => JSON.stringify({ ...row, batch: token }));
      await session.queryAsync(
        `INSERT INTO turnout.interactions SETTINGS insert_deduplication_token = '${token}', insert_deduplicate = 1,
           async_insert = 0, deduplicate_blocks_in_dependent_materialized_views = 1, distributed_foreground_insert = 1
         FORMAT JSONEachRow ${lines.join('\n')}`,
      );
    },
    close() {
      session.close();
    },
  };
}

/** Opens an engine whose tables were made once for all tests of a run. */
async function openPrepared<Kind extends Engine>(
  name: string,
  open: (folder: string) => Kind,
): Promise<Kind> {
  const folder = await mkdtemp(join(tmpdir(), 'turnout-tables-'));
  const prepare = async (empty: string) => {
    const engine = open(empty);
    await migrate(engine);
    engine.close();
  };
  await copyPrepared(name, prepare, folder);
  const engine = open(folder);
  const close = () => {
    engine.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { ...engine, close };
}

/**
 * Opens an engine with the tables of a cluster of one shard: `x_local` and, over it, `x` as Distributed. There is no
 * Keeper here, so tables are not replicated, and what would go to all machines goes to this one. `sent` has every
 * statement as a cluster would get it.
 */
export async function openShard(more: string[] = []): Promise<Engine & { sent: string[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'turnout-shard-'));
  const config = join(folder, 'config.xml');
  // An engine takes an address for its own when the port is the one it would listen on; it listens on none.
  const shard = '<shard><replica><host>127.0.0.1</host><port>9000</port></replica></shard>';
  await writeFile(
    config,
    `<clickhouse><tcp_port>9000</tcp_port><remote_servers><fans>${shard}</fans></remote_servers></clickhouse>`,
  );
  const shardOnly = await openPrepared('tables-of-shard', (path) => openShardIn(path, config, more));
  const close = () => {
    shardOnly.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { ...shardOnly, close };
}

function openShardIn(folder: string, config: string, more: string[]): Engine & { sent: string[] } {
  const cluster = [`--config-file=${config}`, '--distributed_product_mode=global'];
  const engine = openEngine([...cluster, ...more], folder);
  const sent: string[] = [];
  return {
    ...engine,
    sent,
    cluster: 'fans',
    async command(sql) {
      sent.push(sql);
      if (/^SYSTEM SYNC REPLICA/.test(sql)) return;
      await engine.command(
        sql
          .replaceAll(/ ON CLUSTER '?fans'?/g, '')
          .replaceAll(/\bReplicated(\w*MergeTree)\('[^']*', '[^']*'(?:, (\w+))?\)/g, '$1($2)')
          .replaceAll(' replicated_deduplication_window =', ' non_replicated_deduplication_window ='),
      );
    },
  };
}

/** Opens an engine that has every table and view. */
export function openMigrated(more: string[] = []): Promise<Engine> {
  return openPrepared('tables', (folder) => openEngine(more, folder));
}

let made = 0;

/** A row as the collector writes it: a click on event e1 by person 1, now. Say what matters. */
export function aRow(fields: Partial<InteractionRow> = {}): InteractionRow {
  made += 1;
  const ts = fields.ts ?? at(0);
  return {
    site_id: 'demo',
    id: `00000000-0000-7000-8000-${String(made).padStart(12, '0')}`,
    id_day: ts.slice(0, 10),
    type: 'click',
    ts,
    occurred_at: ts,
    received_at: ts,
    local_date: ts.slice(0, 10),
    batch_id: '00000000-0000-7000-8000-000000000000',
    attempt: 0,
    user_key: '1',
    session_id: 's1',
    sdk: 'js/0.1.0',
    env: 'production',
    entity_type: 'event',
    entity_id: 'e1',
    device: 'desktop',
    browser: 'Firefox',
    os: 'Linux',
    is_bot: 0,
    ...fields,
  };
}

/** One now for a whole file, so that midnight cannot fall into a test. */
const NOW = Date.now();

/** The moment that lies so many days back, as the engine reads it. */
export function at(daysAgo: number): string {
  return new Date(NOW - daysAgo * 86_400_000).toISOString().replace('T', ' ').replace('Z', '');
}

/** The day so many days ago, by UTC. */
export const day = (daysAgo: number): string => at(daysAgo).slice(0, 10);

/** A row so many minutes after noon of that day. */
export function afterNoon(daysAgo: number, minutes: number, row: Partial<InteractionRow>): InteractionRow {
  const ts = new Date(Date.parse(`${day(daysAgo)}T12:00:00Z`) + minutes * 60_000).toISOString();
  return aRow({ ts: ts.replace('T', ' ').replace('Z', ''), ...row });
}
