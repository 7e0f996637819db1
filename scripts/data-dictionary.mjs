/**
 * Writes docs/data-dictionary.md from the COMMENTs of a database that all migrations have made, so that the page
 * cannot say anything else than the tables. `--check` writes nothing and fails when the page is out of date.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

// The engine is a dependency of the schema, not of the repository.
const { Session } = createRequire(new URL('../packages/schema/package.json', import.meta.url))('chdb');
const page = new URL('../docs/data-dictionary.md', import.meta.url);
const migrations = new URL('../packages/schema/migrations/', import.meta.url);

const session = new Session();
const read = (sql) => JSON.parse(session.query(`${sql} FORMAT JSON`)).data;
let text;
try {
  for (const name of readdirSync(migrations).sort())
    session.query(readFileSync(new URL(name, migrations), 'utf8'));
  text = dictionary();
} finally {
  session.close();
}

if (!process.argv.includes('--check')) {
  writeFileSync(page, text);
} else if (readFileSync(page, 'utf8') !== text) {
  console.error(
    'docs/data-dictionary.md is out of date. Run `node scripts/data-dictionary.mjs` and commit it.',
  );
  process.exitCode = 1;
}

function dictionary() {
  const tables = read(
    `SELECT name, engine, comment, partition_key, sorting_key, extract(create_table_query, '\\) ENGINE.* TTL (.*?) SETTINGS') AS ttl,
       arraySort(arrayDistinct(extractAll(as_select, '[{](\\\\w+:[^}]+)[}]'))) AS arguments
     FROM system.tables WHERE database = 'turnout' ORDER BY name`,
  );
  const of = (matches) => tables.filter(matches).map(section).join('\n');
  return `# Data dictionary

Every table and view of the database \`turnout\`, as it describes itself. Written by
\`node scripts/data-dictionary.mjs\` from the comments in \`packages/schema/migrations\`: change them there.

An *interaction* is one tracked thing a visitor did. An *event* is what people attend. Views and rollups leave out
bots and every \`env\` but \`production\`.

## Views for analysts

${of(({ engine, arguments: given }) => engine === 'View' && given.length === 0)}
## Questions with parameters

Views that take arguments: \`SELECT * FROM turnout.retention(from = '2026-10-01', to = '2026-10-31', grain = 'week')\`.

${of(({ engine, arguments: given }) => engine === 'View' && given.length > 0)}
## Raw

${of(({ name }) => name === 'interactions' || name === 'rejected_interactions')}
## Rollups

Fed by materialized views, \`<name>_mv\`, from each block of interactions. A key may have several rows until the
engine merges them: read with \`GROUP BY\` and \`sum\`, \`min\`, \`max\`, \`uniqMerge\`, or through the views above.

${of(({ engine }) => engine === 'AggregatingMergeTree')}
${of(({ name }) => name === 'funnel_day')}
## Dimensions

${of(({ name }) => ['entities', 'people', 'identity_links'].includes(name))}
## Bookkeeping

${of(({ name }) => ['migrations', 'backfills', 'touched_days', 'purchase_models', 'record_keys'].includes(name))}`;
}

function section({ name, comment, partition_key, sorting_key, ttl, arguments: given }) {
  const columns = given.length > 0 ? declaredColumns(name) : columnsOf(name);
  const facts = [
    given.length > 0 && `Arguments: ${given.map((argument) => `\`${argument}\``).join(', ')}.`,
    sorting_key && `Key: \`${sorting_key}\`.`,
    partition_key && `Partitions: \`${partition_key}\`.`,
    ttl && `Kept until: \`${ttl}\`.`,
  ].filter(Boolean);
  const rows = columns.map(
    (column) => `| \`${column.name}\` | \`${column.type}\` | ${cell(column.comment)} |`,
  );
  return [
    `### ${name}`,
    comment,
    ...(facts.length > 0 ? [facts.join(' ')] : []),
    ['| column | type | what it is |', '| --- | --- | --- |', ...rows].join('\n'),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');
}

function columnsOf(name) {
  return read(
    `SELECT name, type, comment FROM system.columns
     WHERE database = 'turnout' AND table = '${name}' ORDER BY position`,
  );
}

/** The engine lists no columns of a view that takes arguments: they stand in the text that made it. */
function declaredColumns(name) {
  const [{ text }] = read(
    `SELECT create_table_query AS text FROM system.tables WHERE database = 'turnout' AND name = '${name}'`,
  );
  const list = text.slice(0, text.indexOf(') AS '));
  return [...list.matchAll(/`(\w+)` (.*?) COMMENT '((?:[^'\\]|\\.)*)'/g)].map(
    ([, column, type, comment]) => ({
      name: column,
      type,
      comment: comment.replace(/\\(.)/g, '$1'),
    }),
  );
}

/** A bar would end the table's cell. */
function cell(comment) {
  return comment.replaceAll('|', '\\|');
}
