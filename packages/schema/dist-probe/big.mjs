var __defProp = Object.defineProperty;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __esm = (fn, res, err) => function __init() {
  if (err) throw err[0];
  try {
    return fn && (res = (0, fn[__getOwnPropNames(fn)[0]])(fn = 0)), res;
  } catch (e2) {
    throw err = [e2], e2;
  }
};
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};

// packages/schema/src/migrate.ts
var migrate_exports = {};
__export(migrate_exports, {
  loadMigrations: () => loadMigrations,
  migrate: () => migrate
});
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
async function loadMigrations() {
  const directory = new URL("../migrations/", import.meta.url);
  const names = (await readdir(directory)).filter((name) => name.endsWith(".sql")).sort();
  return Promise.all(
    names.map(async (name) => {
      const text = (await readFile(new URL(name, directory), "utf8")).replaceAll("\r\n", "\n");
      const sha256 = createHash("sha256").update(text).digest("hex");
      return { name, sql: text.trim().replace(/;$/, ""), sha256 };
    })
  );
}
async function migrate(database, options = {}) {
  const migrations = options.migrations ?? await loadMigrations();
  for (const migration of migrations.slice(0, 2)) await run(database, migration);
  const recorded = await database.query(
    "SELECT name, any(sha256) AS sha256 FROM turnout.migrations GROUP BY name ORDER BY name"
  );
  refuseSurprises(migrations, recorded);
  const done = new Set(recorded.map((record) => record.name));
  const applied = [];
  for (const migration of migrations) {
    if (done.has(migration.name)) continue;
    options.onApply?.(migration.name);
    await run(database, migration);
    await database.command(
      `INSERT INTO turnout.migrations (name, sha256, applied_at) SETTINGS async_insert = 0
       SELECT '${migration.name}', '${migration.sha256}', now64(3)`
    );
    applied.push(migration.name);
  }
  return applied;
}
function refuseSurprises(migrations, recorded) {
  const known = new Map(migrations.map((migration) => [migration.name, migration.sha256]));
  const unknown = recorded.filter((record) => !known.has(record.name)).map((record) => record.name);
  if (unknown.length > 0) {
    throw new Error(
      `migrate: the database has migrations that this version does not know: ${unknown.join(", ")}. A newer version of Turnout has migrated it. Upgrade this one; an older collector must not write to newer tables.`
    );
  }
  const changed = recorded.filter((record) => known.get(record.name) !== record.sha256);
  if (changed.length > 0) {
    throw new Error(
      `migrate: ${changed.map((record) => `migrations/${record.name}`).join(", ")} changed after this database applied it, so the change would never arrive here. Restore the file as it was released, and put the change into a new migration with the next number.`
    );
  }
}
async function run(database, migration) {
  try {
    await database.command(migration.sql);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `migrate: ${migration.name} failed: ${message} Nothing after it was applied. Remove the cause and start again: what was applied stays and is not repeated.`,
      { cause }
    );
  }
}
var init_migrate = __esm({
  "packages/schema/src/migrate.ts"() {
    "use strict";
  }
});

// ../../tmp/probe/big.ts
init_migrate();
import { Session } from "chdb";
import fs from "node:fs";

// packages/schema/src/verify-compare.ts
var HORIZON = "(today() - INTERVAL 25 MONTH + INTERVAL 2 DAY)";
var ROWS_PER_SLICE = 5e5;
async function slicesOf(database, rollup) {
  if (rollup.by !== "day") {
    const [total] = await database.query(
      "SELECT toString(count()) AS rows FROM turnout.interactions"
    );
    const slices2 = Math.max(1, Math.ceil(Number(total?.rows) / ROWS_PER_SLICE));
    const { rollup: ofRollup, raw: ofRaw } = rollup.by;
    return Array.from({ length: slices2 }, (_, slice) => ({
      rollup: `${ofRollup} % ${slices2} = ${slice}`,
      raw: `${ofRaw} % ${slices2} = ${slice}`
    }));
  }
  const days = await database.query(
    `SELECT toString(day) AS date, toString(sum(n)) AS rows FROM (
       SELECT local_date AS day, count() AS n FROM turnout.interactions GROUP BY day
       UNION ALL SELECT DISTINCT date, 0 FROM turnout.${rollup.table}
     ) WHERE day >= ${HORIZON} GROUP BY day ORDER BY day`
  );
  const slices = [];
  let from;
  let rows = 0;
  for (const [index, day] of days.entries()) {
    from ??= day.date;
    rows += Number(day.rows);
    if (rows < ROWS_PER_SLICE && index < days.length - 1) continue;
    const between = `BETWEEN '${from}' AND '${day.date}'`;
    slices.push({ rollup: `date ${between}`, raw: `local_date ${between}` });
    from = void 0;
    rows = 0;
  }
  return slices;
}
async function compare(database, rollup, slice, limit) {
  const found = await database.query(
    `SELECT site_id, date, toString(sum(length(cells))) AS differences,
       groupArray(${limit})(CAST((key, cells) AS Tuple(key Array(String), cells ${CELLS}))) AS first
     FROM (${await differingRows(database, rollup, slice)})
     GROUP BY site_id, date ORDER BY date, site_id`
  );
  return found.map(({ site_id, date, differences, first }) => ({
    site_id,
    date,
    differences: Number(differences),
    first: first.flatMap(
      ({ key, cells }) => cells.map((cell) => ({
        table: rollup.table,
        site_id,
        date: date === "" ? null : date,
        key: rollup.key.map(({ column }, index) => `${column}=${key[index]}`).join(" "),
        ...cell
      }))
    ).slice(0, limit)
  }));
}
var CELLS = "Array(Tuple(column String, rollup String, raw String))";
async function differingRows(database, rollup, slice) {
  const measures = await measuresOf(database, rollup);
  const keys = rollup.key.map(({ column }) => column);
  const groups = ["site_id", ...rollup.by === "day" ? ["date"] : [], ...keys];
  const merged = `
    SELECT ${groups.join(", ")}, ${measures.map(({ column, merge }) => `${merge} AS ${column}`).join(", ")}
    FROM turnout.${rollup.table} AS t WHERE ${slice.rollup} GROUP BY ${groups.join(", ")}`;
  const rows = `(SELECT *, session_key FROM turnout.interactions FINAL
    WHERE is_bot = 0 AND env = 'production' AND ${slice.raw})`;
  const side = (isRaw, key, from) => `SELECT ${isRaw} AS is_raw, toString(site_id) AS site, ${rollup.by === "day" ? "toString(date)" : `''`} AS day,
       [${key.map((part) => `toString(${part})`).join(", ")}] AS row,
       ${rollup.since ?? "now64(3)"} AS earliest,
       ${measures.map(({ column, type }, index) => `CAST(${column} AS ${type}) AS m${index}`).join(", ")}
     FROM (${from})`;
  const differ = measures.map(({ type }, index) => {
    const [rollupValue, rawValue] = [`rollup${index}`, `raw${index}`];
    const tolerance = `1e-9 * greatest(abs(${rollupValue}), abs(${rawValue}))`;
    const far = type === "Float64" ? ` AND NOT (abs(${rollupValue} - ${rawValue}) <= ${tolerance})` : "";
    return `(${rollupValue} != ${rawValue}${far})`;
  });
  const cells = measures.map(
    ({ column }, index) => `if(${differ[index]}, [('${column}', toString(rollup${index}), toString(raw${index}))], [])`
  );
  return `
    SELECT site AS site_id, day AS date, row AS key, since,
      CAST(multiIf(
        in_rollup = 0, [('(row)', 'missing', 'present')],
        in_raw = 0, [('(row)', 'present', 'missing')],
        arrayConcat(${cells.join(", ")})
      ) AS ${CELLS}) AS cells
    FROM (
      SELECT site, day, row, min(earliest) AS since, countIf(is_raw = 0) AS in_rollup, countIf(is_raw = 1) AS in_raw,
        ${measures.map((_, index) => `anyIf(m${index}, is_raw = 0) AS rollup${index}, anyIf(m${index}, is_raw = 1) AS raw${index}`).join(", ")}
      FROM (
        ${side(
    0,
    rollup.key.map((key) => key.rollup),
    merged
  )}
        UNION ALL
        ${side(1, keys, rollup.recount(rows))}
      )
      GROUP BY site, day, row
      HAVING since >= ${HORIZON} AND (in_rollup = 0 OR in_raw = 0 OR ${differ.join(" OR ")})
    )`;
}
async function measuresOf(database, rollup) {
  const columns = await database.query(
    `SELECT name, type FROM system.columns
     WHERE database = 'turnout' AND table = {table:String} ORDER BY position`,
    { table: rollup.table }
  );
  const keys = /* @__PURE__ */ new Set([
    "site_id",
    ...rollup.by === "day" ? ["date"] : [],
    ...rollup.key.map((key) => key.column)
  ]);
  return columns.filter(({ name }) => !keys.has(name)).map(({ name, type }) => measure(name, type));
}
function measure(column, type) {
  const simple = /^SimpleAggregateFunction\((\w+), (.+)\)$/.exec(type);
  if (simple) return { column, type: simple[2], merge: `${simple[1]}(t.${column})` };
  if (type.startsWith("AggregateFunction(uniq")) {
    return { column, type: "UInt64", merge: `uniqMerge(t.${column})` };
  }
  if (type.startsWith("AggregateFunction(groupBitmap")) {
    return {
      column,
      type: "Array(UInt32)",
      merge: `arraySort(bitmapToArray(groupBitmapMergeState(t.${column})))`
    };
  }
  throw new Error(
    `verify: do not know how to read column ${column} of type ${type}. Teach it in verify-compare.ts.`
  );
}

// packages/schema/src/verify-repair.ts
async function repair(database, rollup, slice, findings) {
  if (rollup.by === "day") {
    const days = findings.map(({ site_id, date }) => `(${quoted(site_id)}, ${quoted(date)})`).join(", ");
    await remove(database, rollup, `(site_id, toString(date)) IN (${days})`);
    await refill(database, rollup, `(site_id, toString(local_date)) IN (${days})`);
    return;
  }
  const keys = "turnout.verify_keys";
  const rebuildable = rollup.rebuildableDays === void 0 ? "" : `WHERE since >= now() - INTERVAL ${rollup.rebuildableDays} DAY`;
  await database.command(`DROP TABLE IF EXISTS ${keys}`);
  await database.command(
    `CREATE TABLE ${keys} ENGINE = Memory COMMENT 'What turnout verify is about to rebuild.' AS
     SELECT site_id, key[1] AS key FROM (${await differingRows(database, rollup, slice)}) ${rebuildable}`
  );
  const listed = (key) => `(site_id, toString(${key})) IN (SELECT site_id, key FROM ${keys})`;
  await remove(database, rollup, listed(rollup.by.rollup));
  await refill(database, rollup, listed(rollup.by.raw));
  await database.command(`DROP TABLE IF EXISTS ${keys}`);
}
async function mergeDuplicates(database) {
  const months = await database.query(
    `SELECT DISTINCT toString(month) AS month FROM (
       SELECT toYYYYMM(ts) AS month FROM turnout.interactions
       GROUP BY month, site_id, id_day, type, user_key, id HAVING count() > 1)`
  );
  for (const { month } of months) {
    await database.command(`OPTIMIZE TABLE turnout.interactions PARTITION ${month} FINAL`);
  }
}
async function remove(database, rollup, condition) {
  await database.command(
    `ALTER TABLE turnout.${rollup.table} DELETE WHERE ${condition} SETTINGS mutations_sync = 2`
  );
}
async function refill(database, rollup, condition) {
  const [view] = await database.query(
    `SELECT as_select AS select FROM system.tables WHERE database = 'turnout' AND name = {name:String}`,
    { name: `${rollup.table}_mv` }
  );
  if (!view) {
    throw new Error(
      `verify: the view turnout.${rollup.table}_mv is missing. Run \`turnout migrate\` and verify again.`
    );
  }
  const columns = await database.query(
    `SELECT name FROM system.columns WHERE database = 'turnout' AND table = {table:String} ORDER BY position`,
    { table: rollup.table }
  );
  const names = columns.map(({ name }) => name).join(", ");
  await database.command(
    `INSERT INTO turnout.${rollup.table} (${names}) SELECT ${names} FROM (${view.select})
     SETTINGS additional_table_filters = {'turnout.interactions': ${quoted(condition)}}, final = 1,
       insert_deduplicate = 0, async_insert = 0`
  );
}
var quoted = (text) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

// packages/schema/src/verify-rollups.ts
var count = (condition, column) => `sum(toUInt64(${condition})) AS ${column}`;
var net = (condition, column) => `sum(multiIf(NOT (${condition}), 0, undo = 1, -1, 1)) AS ${column}`;
var distinct = (what2, condition, column) => `coalesce(uniq(if(${condition}, ${what2}, NULL)), 0) AS ${column}`;
var people = (condition, column) => distinct("user_key", condition, column);
var money = "coalesce(toDecimal128(site_value, 4), toDecimal128(0, 4))";
var gross = `sum(${money} * (type = 'purchase'))`;
var refunded = `sum(abs(${money}) * (type = 'refund'))`;
var viewMs = `sum(duration_ms * (type = 'view')) AS view_ms`;
var opened = `(type = 'page_view' OR (type = 'view' AND part = 0))`;
var POINTS = {
  10: ["purchase"],
  8: ["checkout_start", "booking_request", "subscribe"],
  6: ["ticket_click", "cart_add", "review", "tip", "attendance"],
  5: ["share", "waitlist_join", "waitlist_accept"],
  4: ["interest", "follow", "comment", "agreement_sign"],
  3: ["save", "friend_add", "message"],
  2: ["search", "like", "media_play", "form_submit"],
  1: ["click"],
  0.5: ["page_view", "swipe", "custom"],
  0.2: ["scroll"],
  0.1: ["impression"]
};
var among = (types) => `type IN (${types.map((type) => `'${type}'`).join(", ")})`;
var points = `multiIf(type = 'view', if(part = 0, 2, 0), ${Object.entries(POINTS).map(([value, types]) => `${among(types)}, ${value}`).join(", ")}, 0)`;
var takenBack = `(undo = 1 AND ${among(["like", "save", "follow", "interest"])})`;
var social = among(["like", "follow", "friend_add", "share", "comment", "review", "message"]);
var own = `NOT ${among(["refund", "waitlist_offer", "waitlist_expire"])}`;
var seen = "if(ts > received_at + INTERVAL 300 SECOND, received_at + INTERVAL 300 SECOND, ts)";
var daysSinceT0 = `(toFloat64(toUnixTimestamp64Milli(${seen})) / 86400000 - 20454)`;
var growth = `pow(2, multiIf(${daysSinceT0} > 7000, 7000, ${daysSinceT0} < -7000, -7000, ${daysSinceT0}) / 30)`;
var ROLLUPS = [
  {
    table: "entity_day",
    by: "day",
    key: ["entity_type", "entity_id", "via"].map((column) => ({ column, rollup: column })),
    recount: (rows) => `
      SELECT site_id, local_date AS date, kind AS entity_type, thing AS entity_id, via,
        ${count(`type = 'served'`, "served")},
        ${count(`type = 'impression'`, "impressions")},
        ${count(`type = 'click'`, "clicks")},
        ${count(`type = 'view' AND part = 0`, "views")},
        ${viewMs},
        ${net(`type = 'interest'`, "interested")},
        ${net(`type = 'like'`, "likes")},
        ${net(`type = 'save'`, "saves")},
        ${net(`type = 'follow'`, "follows")},
        ${count(`type = 'comment'`, "comments")},
        ${count(`type = 'share'`, "shares")},
        ${count(`type = 'review'`, "reviews")},
        count(if(type = 'review', rating, NULL)) AS ratings,
        sum(if(type = 'review', toDecimal128(rating, 4), NULL)) AS rated,
        coalesce(rated, toDecimal128(0, 4)) AS rating_sum,
        ${count(`type = 'ticket_click'`, "ticket_clicks")},
        ${count(`type = 'cart_add'`, "cart_adds")},
        ${count(`type = 'purchase'`, "purchases")},
        ${count(`type = 'refund'`, "refunds")},
        sum(coalesce(pieces, 1) * (type = 'purchase')) AS quantity,
        sum(coalesce(pieces, 1) * (type = 'refund')) AS refunded_quantity,
        ${gross} AS gross,
        ${gross} - ${refunded} AS revenue,
        ${count(`type = 'dismiss'`, "dismissals")},
        ${people("1", "people")},
        ${people(`type = 'impression'`, "reach")},
        ${people(`type = 'view' OR type = 'click'`, "viewers")},
        ${people(`type = 'purchase'`, "buyers")},
        ${people(`type = 'attendance'`, "attendees")},
        ${distinct("itself", `via = 'event'`, "events")},
        ${distinct("itself", `via = 'event' AND (type = 'attendance' OR event_date = local_date)`, "events_hosted")}
      FROM (
        SELECT *, entity_type AS kind, entity_id AS thing, 'direct' AS via, entity_id AS itself, quantity AS pieces FROM ${rows}
        UNION ALL
        SELECT *, 'artist', artist_id, 'event', entity_id, quantity FROM ${rows} WHERE entity_type = 'event' AND artist_id != ''
        UNION ALL
        SELECT *, 'venue', venue_id, 'event', entity_id, quantity FROM ${rows} WHERE entity_type = 'event' AND venue_id != ''
      )
      WHERE kind != '' AND itself != ''
      GROUP BY site_id, local_date, kind, thing, via`
  },
  {
    table: "event_demographics_day",
    by: "day",
    key: ["event_id", "facet", "age_band", "gender", "city", "country"].map((column) => ({
      column,
      rollup: column
    })),
    recount: (rows) => `
      SELECT site_id, local_date AS date, entity_id AS event_id, 'demographics' AS facet,
        age_band, gender, '' AS city, '' AS country, uniq(user_key) AS viewers
      FROM (SELECT site_id, local_date, entity_type, entity_id, type, user_key, age_band, gender FROM ${rows})
      WHERE entity_type = 'event' AND entity_id != '' AND (type = 'view' OR type = 'click') AND NOT (age_band = '' AND gender = '')
      GROUP BY site_id, local_date, entity_id, age_band, gender
      UNION ALL
      SELECT site_id, local_date, entity_id, 'location', '', '', city, country, uniq(user_key)
      FROM (SELECT site_id, local_date, entity_type, entity_id, type, user_key, city, country FROM ${rows})
      WHERE entity_type = 'event' AND entity_id != '' AND (type = 'view' OR type = 'click') AND NOT (city = '' AND country = '')
      GROUP BY site_id, local_date, entity_id, city, country`
  },
  {
    table: "user_day",
    by: "day",
    key: [{ column: "user_key", rollup: "user_key" }],
    recount: (rows) => `
      SELECT site_id, local_date AS date, user_key,
        count() AS interactions,
        ${count(`type = 'impression'`, "impressions")},
        ${count(`type = 'view' AND entity_type = 'event' AND part = 0`, "events_viewed")},
        ${count(`type = 'click' AND entity_type = 'event'`, "events_clicked")},
        ${net(`type = 'interest' AND entity_type = 'event'`, "events_interested")},
        ${count(`type = 'ticket_click'`, "ticket_links_clicked")},
        ${count(`type = 'review'`, "reviews_written")},
        ${net(`type = 'like' AND entity_type = 'review'`, "reviews_liked")},
        ${count(`type = 'comment' AND entity_type = 'review'`, "reviews_commented")},
        ${count(`type = 'friend_add'`, "friends_added")},
        ${count(`type = 'message'`, "messages_sent")},
        ${count(`type = 'share'`, "shares_sent")},
        ${count(`type = 'search'`, "searches_performed")},
        ${viewMs},
        ${count(`type = 'purchase'`, "purchases")},
        ${count(`type = 'refund'`, "refunds")},
        ${gross} AS gross,
        ${gross} - ${refunded} AS revenue
      FROM ${rows}
      GROUP BY site_id, local_date, user_key`
  },
  {
    table: "sessions",
    by: { rollup: "sipHash64(session_id)", raw: "session_key" },
    key: [{ column: "session_id", rollup: "sipHash64(session_id)" }],
    since: "first_ts",
    rebuildableDays: 89,
    recount: (rows) => `
      SELECT site_id, session_key AS session_id,
        arraySort(groupArray((ts, user_key)))[1] AS owner,
        argMin(local_date, ts) AS date,
        min(ts) AS first_ts,
        max(ts) AS last_ts,
        count() AS interactions,
        ${count(opened, "pages")},
        ${count(`type = 'ticket_click'`, "ticket_clicks")},
        ${count(`type = 'purchase'`, "purchases")}
      FROM ${rows}
      WHERE session_key != sipHash64('')
      GROUP BY site_id, session_key`
  },
  {
    table: "user_state",
    by: { rollup: "user_key", raw: "user_key" },
    key: [{ column: "user_key", rollup: "user_key" }],
    since: "first_seen",
    recount: (rows) => `
      SELECT site_id, user_key,
        min(${seen}) AS first_seen,
        max(if(${own}, ${seen}, toDateTime64(0, 3, 'UTC'))) AS last_seen,
        arraySort(groupUniqArray(if(${own}, toUInt32(local_date), NULL))) AS active_days,
        ${distinct("session_key", `session_key != sipHash64('')`, "sessions")},
        ${count(`${opened} AND session_key != sipHash64('')`, "pages")},
        ${count(`type = 'ticket_click'`, "ticket_clicks")},
        ${count(`type = 'purchase'`, "purchases")},
        sum(if(${takenBack}, 0, ${points} * ${growth})) AS activity_30,
        sum(if(${takenBack}, ${points} * ${growth}, 0)) AS activity_undone_30,
        sum(if(${among(["view", "media_play"])}, duration_ms / 1000 / 60, 0) * ${growth}) AS content_30,
        sum(if(${social} AND NOT ${takenBack}, ${growth}, 0)) AS social_30,
        sum(if(${social} AND ${takenBack}, ${growth}, 0)) AS social_undone_30
      FROM ${rows}
      GROUP BY site_id, user_key`
  }
];

// packages/schema/src/verify.ts
async function verify(database, options = {}) {
  const found = await pass(database, options, options.repair === true);
  if (!options.repair || found.ok) return found;
  const left = await pass(database, { ...options, onProgress: again(options.onProgress) }, false);
  return { ...left, repaired: found };
}
async function pass(database, options, mend) {
  const limit = options.limit ?? 100;
  const report = (table, done, total) => options.onProgress?.({ table, done, total, first: true });
  const { duplicates, duplicateIds } = await findDuplicates(database, limit, report);
  if (mend && duplicates > 0) await mergeDuplicates(database);
  const tables = [];
  const differences = [];
  for (const rollup of ROLLUPS) {
    let count2 = 0;
    const slices = await slicesOf(database, rollup);
    for (const [done, slice] of slices.entries()) {
      report(rollup.table, done, slices.length);
      const findings = await compare(database, rollup, slice, limit);
      for (const finding of findings) {
        count2 += finding.differences;
        differences.push(...finding.first.slice(0, limit - differences.length));
      }
      if (mend && findings.length > 0) await repair(database, rollup, slice, findings);
    }
    tables.push({ table: rollup.table, differences: count2 });
  }
  const ok = duplicates === 0 && tables.every((table) => table.differences === 0);
  return { ok, tables, differences, duplicates, duplicateIds };
}
var again = (onProgress) => onProgress && ((progress) => onProgress({ ...progress, first: false }));
var IDS_PER_PIECE = 5e6;
async function findDuplicates(database, limit, report) {
  const [all] = await database.query(
    "SELECT toString(count()) AS rows FROM turnout.interactions"
  );
  const pieces = Math.max(1, Math.ceil(Number(all?.rows) / IDS_PER_PIECE));
  let duplicates = 0;
  const duplicateIds = [];
  for (let piece = 0; piece < pieces; piece++) {
    report("interactions", piece, pieces);
    const found = await database.query(
      `SELECT toString(count() OVER ()) AS total, toString(site_id) AS site_id, toString(id) AS id, toString(rows) AS rows
       FROM (
         SELECT site_id, id, count() AS rows FROM turnout.interactions
         WHERE cityHash64(id) % ${pieces} = ${piece} GROUP BY site_id, id HAVING rows > 1
       ) LIMIT ${limit}`
    );
    duplicates += Number(found[0]?.total ?? 0);
    for (const { site_id, id, rows } of found.slice(0, limit - duplicateIds.length)) {
      duplicateIds.push({ site_id, id, rows: Number(rows) });
    }
  }
  return { duplicates, duplicateIds };
}

// ../../tmp/probe/big.ts
var dir = process.argv[2];
var what = process.argv[3];
var session = new Session(dir, { connectionArgs: ["--output_format_json_quote_64bit_integers=1"] });
var e = {
  async command(sql) {
    await session.queryAsync(sql);
  },
  async query(sql, p = {}) {
    const a = await session.queryBindAsync(sql, p, { format: "JSONEachRow" });
    return a.text().split("\n").filter(Boolean).map((l) => JSON.parse(l));
  }
};
var hwm = () => fs.readFileSync("/proc/self/status", "utf8").match(/VmHWM:\s*(\d+)/)?.[1];
var time = async (name, f) => {
  const s = Date.now();
  const r = await f();
  console.log(name, Date.now() - s, "ms", "HWM MB", Math.round(Number(hwm()) / 1e3), JSON.stringify(r)?.slice(0, 300));
};
if (what === "fill") {
  const days = Number(process.argv[4] ?? 30), N = 3e6, B = 3e4;
  await migrate(e, { migrations: await Promise.resolve().then(() => (init_migrate(), migrate_exports)).then((m) => m.loadMigrations()) });
  const t = Date.now();
  for (let i = 0; i < N / B; i++) {
    await e.command(`INSERT INTO turnout.interactions (site_id,id,id_day,ts,occurred_at,received_at,local_date,type,user_key,session_id,entity_type,entity_id,artist_id,venue_id,city,country,age_band,gender,duration_ms,part,site_value,page_url,props)
     SETTINGS async_insert=0, insert_deduplicate=1, insert_deduplication_token='b${i}', deduplicate_blocks_in_dependent_materialized_views=1
     SELECT 'demo', generateUUIDv4(), toDate(t), t, t, t, toDate(t), ['impression','impression','impression','impression','impression','click','view','view','page_view','like','ticket_click','purchase','search'][rand(1)%13+1],
       u, concat('0193b3f0-0000-7000-8000-', toString(u), '-', toString(toDate(t))), 'event', concat('e', toString(rand(3)%500)), concat('a', toString(rand(3)%200)), concat('v', toString(rand(3)%50)),
       ['Austin','Berlin','Paris','London'][rand(4)%4+1], ['US','DE','FR','GB'][rand(4)%4+1], ['18-24','25-34'][rand(5)%2+1], ['f','m'][rand(6)%2+1], rand(7)%60000, rand(8)%3, 12.5, 'https://x.example/abc', '{"a":1}'
     FROM (SELECT number, now64(3) - INTERVAL (${i} * ${days / 100} * 86400 + number % 20000) SECOND AS t, intHash64(rand(2) % 20000 + 5000 * ${i}) AS u FROM numbers(${B}))`);
  }
  console.log("insert us/row", (Date.now() - t) * 1e3 / N);
  console.log(await e.query(`select table, sum(rows) r, formatReadableSize(sum(bytes_on_disk)) b from system.parts where database='turnout' and active group by table`));
}
if (what === "mig") {
  await time("mig", () => migrate(e));
  await time("again", () => migrate(e));
  await time("verify", () => verify(e));
  await time("verify", () => verify(e));
  for (const r of ROLLUPS) await time(r.table, async () => compare(e, r, { rollup: "1", raw: "1" }, 100));
}
if (what === "tables") for (const r of ROLLUPS) {
  const sl = await slicesOf(e, r);
  await time(r.table + " " + sl.length, async () => {
    let n = 0;
    for (const s of sl) n += (await compare(e, r, s, 100)).length;
    return n;
  });
}
if (what === "table") for (const r of ROLLUPS.filter((r2) => r2.table === process.argv[4])) {
  const sl = await slicesOf(e, r);
  await time(r.table + " " + sl.length, async () => {
    let n = 0;
    for (const s of sl) n += (await compare(e, r, s, 100)).length;
    return n;
  });
}
if (what === "repair") {
  await e.command("TRUNCATE TABLE turnout.sessions");
  await e.command("TRUNCATE TABLE turnout.user_state");
  await e.command("TRUNCATE TABLE turnout.entity_day");
  await time("repair", async () => {
    const r = await verify(e, { repair: true });
    return [r.ok, r.repaired?.tables];
  });
}
if (what === "q") {
  const [u] = await e.query(`select toString(any(user_key)) u from turnout.user_state`);
  for (const q of [
    `select count(), sum(impressions) from turnout.event_daily`,
    `select event_id, sum(revenue) r from turnout.event_daily where site_id='demo' and date >= today()-30 group by event_id order by r desc limit 3`,
    `select * from turnout.event_daily where site_id='demo' and event_id='e5' and date >= today()-30`,
    `select count() from turnout.user_daily where site_id='demo' and date >= today()-30`,
    `select count() from turnout.user_daily where site_id='demo' and user_key=${u?.u}`,
    `select * from turnout.engagement_scores where site_id='demo' and user_key=${u?.u}`,
    `select avg(engagement_score) from turnout.engagement_scores where site_id='demo'`,
    `select avg(purchase_likelihood) from turnout.purchase_likelihood where site_id='demo'`,
    `select * from turnout.artist_daily where site_id='demo' and artist_id='a5' and date >= today()-7`,
    `select max(total_followers) from turnout.artist_daily where site_id='demo' and date >= today()-7`
  ]) {
    await e.query(q);
    await time(q, () => e.query(q));
  }
}
if (what === "sql") for (const q of process.argv.slice(4)) await time(q, () => e.query(q));
if (what === "diff") {
  const r = await verify(e, { limit: 8 });
  console.log(JSON.stringify(r, null, 1));
}
session.close();
