/**
 * A database that writes a block to raw and then to each rollup, and may die in between.
 *
 * What was measured: a table remembers the token of a block per partition. The same block under the same
 * token completes the tables that miss it and changes nothing in the others; other rows under a token
 * that a table knows are dropped without a word. A look-up answers from raw.
 */
import { createHash } from 'node:crypto';
import type { Ledger } from './ledger.ts';
import type { Realm, World } from './world.ts';

/** A row as far as anybody asks. */
interface Row {
  site_id: string;
  id: string;
  id_day: string;
  type: string;
  user_key: string;
  ts: string;
  received_at: string;
  sdk: string;
  env: string;
  is_bot: number;
  surface?: string;
  order_id?: string;
  props?: { mark?: number; line?: string; order_record?: string };
}

/** Counts by fact, and the blocks it knows. */
interface Table {
  name: string;
  counts: Map<string, number>;
  blocks: Set<string>;
}

const ROLLUPS = ['entity_day', 'user_day', 'sessions'];
/** A row that the database cannot read. */
export const UNREADABLE = 'unreadable';
const CANNOT_PARSE = 27;
const ORDER_MS = 15 * 86_400_000;

/** See above. */
export function createEngine(world: World, ledger: Pick<Ledger, 'factOf'>) {
  const { random } = world;
  const tables: Table[] = ['interactions', ...ROLLUPS].map((name) => ({
    name,
    counts: new Map(),
    blocks: new Set(),
  }));
  const rejected: Table = { name: 'rejected_interactions', counts: new Map(), blocks: new Set() };
  const raw = new Map<string, Row>();
  const calls = new Set<{ caller: Realm; reject: (error: Error) => void }>();
  let realm: Realm | undefined;
  let runs = 0;
  let crashIn = Number.POSITIVE_INFINITY;
  let alsoDies: (() => void) | undefined;
  let breakChance = 0;

  function start(): void {
    runs += 1;
    realm ??= world.realm(`engine ${runs}`);
  }
  function crash(): void {
    if (!realm) return;
    world.note(() => 'the engine dies');
    realm.isAlive = false;
    realm = undefined;
    for (const call of calls) {
      world.after(call.caller, random.between(0, 20), 'the connection to the engine breaks', () =>
        call.reject(new Error('ECONNRESET')),
      );
    }
    calls.clear();
  }

  /** One request of the collector: `steps` happen one after the other in the engine, then it answers. */
  function call<Result>(label: string, steps: (() => void)[], answer: () => Result): Promise<Result> {
    const caller = world.current();
    return new Promise((resolve, reject) => {
      if (!realm) {
        world.after(caller, 2, 'the engine is away', () => reject(new Error('ECONNREFUSED')));
        return;
      }
      const server = realm;
      const pending = { caller, reject };
      calls.add(pending);
      if (random.chance(breakChance)) {
        world.after(caller, random.between(0, 60), 'the connection to the engine is cut', () => {
          calls.delete(pending);
          reject(new Error('ECONNRESET'));
        });
      }
      const proceed = (at: number) => {
        world.after(server, random.between(0.5, 20), at === 0 ? label : '', () => {
          crashIn -= 1;
          if (crashIn <= 0) {
            crashIn = Number.POSITIVE_INFINITY;
            crash();
            return alsoDies?.();
          }
          try {
            steps[at]?.();
          } catch (error) {
            return settle(() => reject(error));
          }
          if (at < steps.length) return proceed(at + 1);
          const result = answer();
          settle(() => resolve(result));
        });
      };
      const settle = (say: () => void) => {
        world.after(caller, random.between(0, 10), '', () => {
          calls.delete(pending);
          say();
        });
      };
      proceed(0);
    });
  }

  function write(table: Table, block: string, rows: readonly Row[]): void {
    if (table.blocks.has(block)) {
      world.note(() => `${table.name} knows ${block}`);
      return;
    }
    world.note(() => `${table.name} takes ${block}: ${rows.map((row) => ledger.factOf(row))}`);
    table.blocks.add(block);
    for (const row of rows) {
      const fact = ledger.factOf(row);
      table.counts.set(fact, (table.counts.get(fact) ?? 0) + 1);
      if (table === tables[0]) raw.set(`${row.site_id}/${row.id}`, row);
    }
  }

  function find(sql: string, parameters: Record<string, unknown>): { stored: string }[] {
    const { site, ids, days, types, users, from, to } = parameters as Record<string, never[]> & {
      site: string;
    };
    const isByKey = /id_day IN .* type IN .* user_key IN .* id IN /s.test(sql);
    const isByOrder = /type IN .* id_day BETWEEN .* id IN /s.test(sql);
    if (!isByKey && !isByOrder) throw new Error(`The simulated engine cannot answer this: ${sql}`);
    return (ids ?? []).flatMap((id) => {
      const row = raw.get(`${site}/${id}`);
      if (!row) return [];
      const isHit = isByKey
        ? has(days, row.id_day) && has(types, row.type) && has(users, BigInt(row.user_key))
        : has(types, row.type) &&
          Date.parse(row.id_day) >= Date.parse(String(from)) - ORDER_MS &&
          Date.parse(row.id_day) <= Date.parse(String(to)) + ORDER_MS;
      return isHit ? [{ stored: id }] : [];
    });
  }

  /** Who told of these orders. */
  function findReporters({ site, types, orders, from, to }: Record<string, unknown>): object[] {
    const around = (row: Row) =>
      Date.parse(row.id_day) >= Date.parse(String(from)) - ORDER_MS &&
      Date.parse(row.id_day) <= Date.parse(String(to)) + ORDER_MS;
    return [...raw.values()]
      .filter(
        (row) => row.site_id === site && has(types as string[], row.type) && row.order_id && around(row),
      )
      .filter(({ order_id = '' }) => has(orders as string[], hashOf(order_id)))
      .map(({ type, order_id, sdk, env, is_bot, props }) => ({
        kind: type,
        ordered: order_id,
        sender: sdk,
        env,
        is_bot,
        line: props?.line ?? '',
        record: props?.order_record ?? '',
      }));
  }

  function findSince(from: number, most: number): { key: string; ms: string }[] {
    return [...raw]
      .map(([key, row]) => ({ key, ms: Date.parse(`${row.received_at.replace(' ', 'T')}Z`) }))
      .filter(({ ms }) => ms >= from)
      .sort((a, b) => b.ms - a.ms)
      .slice(0, most)
      .map(({ key, ms }) => ({ key, ms: String(ms) }));
  }

  return {
    start,
    crash,
    isUp: () => realm !== undefined,
    /** Dies in the middle of what it does; `others` die with it. */
    crashAfter(steps: number, others?: () => void): void {
      crashIn = steps;
      alsoDies = others;
    },
    cutConnections(probability: number): void {
      breakChance = probability;
    },
    /** How often a table counted each fact. */
    counts: () => Object.fromEntries([...tables, rejected].map(({ name, counts }) => [name, counts])),
    rollups: ROLLUPS,
    /** What the collector is given. `DatabaseError` is its own class. */
    database: (DatabaseError: new (code: number, message: string) => Error) => ({
      insertBlock(table: string, token: string, bytes: Buffer): Promise<void> {
        const rows: Row[] = String(bytes)
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line));
        const check = () => {
          if (rows.some(({ surface }) => surface === UNREADABLE))
            throw new DatabaseError(CANNOT_PARSE, 'Cannot parse');
        };
        if (table === 'turnout.interactions_check') return call('checks rows', [check], () => undefined);
        if (table === 'turnout.rejected_interactions') {
          return call('stores rejected rows', [() => write(rejected, token, rows)], () => undefined);
        }
        if (table !== 'turnout.interactions') throw new Error(`There is no table ${table}.`);
        const months = [...new Set(rows.map(({ ts }) => ts.slice(0, 7)))];
        const writes = tables.flatMap((it) =>
          months.map(
            (month) => () =>
              write(
                it,
                `${token} ${month}`,
                rows.filter(({ ts }) => ts.startsWith(month)),
              ),
          ),
        );
        return call(`stores block ${token}`, [check, ...writes], () => undefined);
      },
      query(sql: string, parameters: Record<string, unknown> = {}): Promise<unknown[]> {
        if (sql.includes('uniqExact(batch)'))
          return call('counts blocks', [], () => [{ blocks: String(tables[0]?.blocks.size) }]);
        if (/WHERE received_at >= .* ORDER BY received_at DESC LIMIT/s.test(sql))
          return call('reads ids', [], () => findSince(Number(parameters.from), Number(parameters.most)));
        if (/order_id AS ordered.*MD5\(order_id\)\) IN /s.test(sql))
          return call('looks orders up', [], () => findReporters(parameters));
        return call('looks ids up', [], () => find(sql, parameters));
      },
      command: () => call('runs a command', [], () => undefined),
      ping: () => Promise.resolve(realm !== undefined),
      close: () => Promise.resolve(),
    }),
  };
}

const has = (values: readonly unknown[] | undefined, value: unknown) => values?.includes(value) ?? false;

const hashOf = (text: string) => createHash('md5').update(text).digest('hex').toUpperCase();
