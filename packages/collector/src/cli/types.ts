import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { forCluster } from '@turnout/schema/migrate';
import { defineCommand } from 'citty';
import { readConfig } from '../config.ts';
import { findRunning } from '../run-file.ts';
import { brokenTypes } from '../types/broken-types.ts';
import { readCatalog } from '../types/read-catalog.ts';
import { SCHEMA_FILE, typeFiles, VIEWS_FOLDER } from '../types/type-files.ts';
import { type TypeSchemas, typeSchemas } from '../types/type-schema.ts';
import { fileToRead, folderToWrite } from './name-file.ts';
import { dataDirArgument } from './settings.ts';
import { withDatabase } from './with-database.ts';

/** A version control may have changed them. */
const NEWLINE = /\r\n/g;
const OURS = /Written by (`|\\?")turnout types/;

export const types = defineCommand({
  meta: {
    name: 'types',
    description:
      'Write what follows from a catalogue: JSON Schema, a page, and views of its own types. --check for CI',
  },
  args: {
    catalog: {
      type: 'positional',
      description: 'The module that exports it, such as catalog.mjs; the built-in types without one',
      required: false,
    },
    out: { type: 'string', description: 'The folder to write into', default: 'turnout-types' },
    check: {
      type: 'boolean',
      description: 'Write nothing; exit 1 and list what differs from the folder, or what a change breaks',
    },
    apply: {
      type: 'boolean',
      description:
        'Make the views in the database, too: of a server, or of the embedded engine while no collector runs',
    },
    ...dataDirArgument,
  },
  run: async ({ args }) => {
    if (args.check && args.apply) throw new Error('--check changes nothing: leave it or --apply out.');
    const file = args.catalog === undefined ? undefined : await fileToRead(args.catalog);
    const folder = await folderToWrite(args.out, '--out');
    const schemas = typeSchemas(await readCatalog(file));
    const files = typeFiles(schemas);
    const found = await filesIn(folder, [...files.keys()]);
    const command = [
      'turnout types',
      ...(args.catalog ? [args.catalog] : []),
      ...(args.out === 'turnout-types' ? [] : ['--out', args.out]),
    ].join(' ');
    const broken = brokenTypes(schemasIn(found.get(SCHEMA_FILE), folder), schemas);
    const advice = 'Raise the "version" of the type (1 when it says none), or give what is new another name.';
    const changes = differences(files, found).map(([path, what]) => `${join(args.out, path)} ${what}`);

    if (args.check) {
      if (broken.length === 0 && changes.length === 0) {
        process.stdout.write(`${args.out} says what the catalogue says.\n`);
        return;
      }
      for (const line of [...broken, ...changes]) process.stdout.write(`${line}\n`);
      throw new Error(
        broken.length > 0
          ? advice
          : `${args.out} is out of date. Run "${command}" and commit what it writes.`,
      );
    }
    if (broken.length > 0) {
      for (const line of broken) process.stdout.write(`${line}\n`);
      throw new Error(`Nothing was written. ${advice}`);
    }
    const count = Object.keys(schemas).length;
    if (args.apply) await applyViews(files, args['data-dir']);
    await write(folder, files, found);
    for (const change of changes) process.stdout.write(`${change.replace(/ is missing$/, ' is new')}\n`);
    process.stdout.write(
      `${args.out} has ${count === 1 ? '1 type' : `${count} types`}${args.apply ? ', and the database has their views' : ''}.\n`,
    );
  },
});

/** What this command wrote into the folder before. */
async function filesIn(folder: string, wanted: readonly string[]): Promise<Map<string, string>> {
  const views = await readdir(join(folder, VIEWS_FOLDER)).catch(() => []);
  const paths = new Set([...wanted, ...views.map((name) => `${VIEWS_FOLDER}/${name}`)]);
  const found = new Map<string, string>();
  for (const path of paths) {
    const text = await readFile(join(folder, path), 'utf8').catch((error) => {
      if (error.code === 'ENOENT' || error.code === 'EISDIR') return undefined;
      throw error;
    });
    if (text === undefined) continue;
    if (OURS.test(text)) found.set(path, text.replace(NEWLINE, '\n'));
    else if (wanted.includes(path))
      throw new Error(
        `${join(folder, path)} is something else: it was not written by this command. Name another folder with --out.`,
      );
  }
  return found;
}

function schemasIn(text: string | undefined, folder: string): TypeSchemas {
  if (text === undefined) return {};
  try {
    return (JSON.parse(text) as { $defs?: TypeSchemas }).$defs ?? {};
  } catch {
    throw new Error(
      `${relative('', join(folder, SCHEMA_FILE))} is no JSON any more, so that nobody can tell what a change breaks. Take it from your version control again.`,
    );
  }
}

function differences(files: Map<string, string>, found: Map<string, string>): [path: string, what: string][] {
  const written = [...files].flatMap(([path, text]): [string, string][] => {
    const there = found.get(path);
    if (there === text) return [];
    return [[path, there === undefined ? 'is missing' : 'has changed']];
  });
  const left = [...found.keys()].filter((path) => !files.has(path));
  return [...written, ...left.map((path): [string, string] => [path, 'is of a type that is gone'])];
}

async function write(folder: string, files: Map<string, string>, found: Map<string, string>): Promise<void> {
  for (const path of found.keys()) if (!files.has(path)) await rm(join(folder, path));
  for (const [path, text] of files) {
    if (found.get(path) === text) continue;
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

async function applyViews(files: Map<string, string>, dataDir: string | undefined): Promise<void> {
  const { clickhouseUrl, dataDir: folder } = readConfig({ dataDir }, process.env);
  if (clickhouseUrl === undefined && (await findRunning(folder)))
    throw new Error(
      'A collector is running on this data directory, and nobody but it may write there. Stop it, say this again, and start it: browsers keep what they cannot send meanwhile.',
    );
  await withDatabase(
    dataDir,
    async (database) => {
      for (const [path, sql] of files) {
        if (!path.endsWith('.sql')) continue;
        const statements = database.cluster === undefined ? [sql] : forCluster(sql, database.cluster);
        for (const statement of statements) await database.command(statement);
      }
    },
    { mustExist: true },
  );
}
