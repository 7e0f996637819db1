import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from 'citty';
import { expect, onTestFinished, test, vi } from 'vitest';
import { aFolder } from '../testing/temporary.ts';
import { types } from './types.ts';

const PROPS = '{ songs: z.number().int(), source: z.enum(["modal", "page"]), fan: z.string().optional() }';

/** A folder with a catalogue of one type of its own, and the command in it. */
async function aProject() {
  const folder = await aFolder();
  const out = join(folder, 'types');
  let said = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said += text;
    return true;
  });
  onTestFinished(() => write.mockRestore());
  let versions = 0;
  return {
    folder,
    out,
    /** Each time a file of its own: a module is loaded once. */
    async catalog(props: string, more = '') {
      versions += 1;
      const file = join(folder, `catalog-${versions}.mjs`);
      await writeFile(
        file,
        `import { z } from ${JSON.stringify(import.meta.resolve('zod'))};
         export const catalog = { setlist_open: { description: 'Fan opened the setlist of an event', entity: ['event'], props: z.object(${props}), ${more} } };`,
      );
      return file;
    },
    async run(...args: string[]) {
      said = '';
      const failed = await runCommand(types, { rawArgs: [...args, '--out', out] }).then(
        () => undefined,
        (error: Error) => error.message,
      );
      return { said: said.replaceAll(folder, '.'), failed: failed?.replaceAll(folder, '.') };
    },
    read: (path: string) => readFile(join(out, path), 'utf8'),
  };
}

test('writes what follows from a catalogue, and a check finds it so', async () => {
  const { catalog, run, out, read } = await aProject();
  const file = await catalog(PROPS, 'pii: ["fan"], requires: { any: ["surface"] }');

  const written = await run(file);
  const checked = await run(file, '--check');

  expect(written.failed).toBeUndefined();
  expect(written.said).toContain('types has 1 type.');
  expect(checked).toEqual({ said: './types says what the catalogue says.\n', failed: undefined });
  expect((await readdir(out)).sort()).toEqual(['catalog.md', 'catalog.schema.json', 'views']);
  expect(JSON.parse(await read('catalog.schema.json')).$defs.setlist_open).toMatchObject({
    description: 'Fan opened the setlist of an event',
    type: 'object',
    properties: { songs: { type: 'integer' }, source: { enum: ['modal', 'page'] }, fan: { type: 'string' } },
    required: ['songs', 'source'],
    'x-turnout': { entity: ['event'], requires: { any: ['surface'] }, pii: ['fan'] },
  });
  const page = await read('catalog.md');
  expect(page).toContain('About: `event`. Carries: `surface`.');
  expect(page).toContain('| `source` | "modal" or "page" | yes |  |');
  expect(page).toContain('| `fan` | string |  | Personal. |');
  expect(await read('views/custom_setlist_open.sql')).not.toContain('fan`');
});

test('a check writes nothing, and lists what is missing, has changed, or is of a type that is gone', async () => {
  const { catalog, run, out, read } = await aProject();
  const first = await catalog(PROPS);
  expect(await run(first, '--check')).toMatchObject({
    said: expect.stringContaining('catalog.schema.json is missing'),
    failed: expect.stringMatching(/out of date. Run "turnout types \.\/catalog-1\.mjs --out .*" and commit/),
  });
  await expect(readdir(out)).rejects.toThrow('ENOENT');
  await run(first);
  await writeFile(join(out, 'catalog.md'), (await read('catalog.md')).replaceAll('\n', '\r\n'));
  expect((await run(first, '--check')).failed).toBeUndefined();
  const more = await catalog(PROPS.replace(' }', ', page: z.number().optional() }'));

  const stale = await run(more, '--check');
  const builtIn = await run('--check');
  const rewritten = await run(more);

  expect(stale.said.match(/\S+ has changed/g)).toHaveLength(3);
  expect(builtIn.said).toContain('views/custom_setlist_open.sql is of a type that is gone');
  expect(rewritten.said).toContain('catalog.md has changed');
  expect((await run(more, '--check')).failed).toBeUndefined();
});

test('tells what a change breaks, and writes it when the version says so', async () => {
  const { catalog, run, read } = await aProject();
  await run(await catalog(PROPS));
  const before = await read('catalog.schema.json');
  const text = PROPS.replace('z.number().int()', 'z.string()');

  const checked = await run(await catalog(text), '--check');
  const refused = await run(await catalog(text));

  expect(checked.said).toContain('setlist_open: the prop "songs" was integer and is string now.');
  expect(checked.failed).toContain('Raise the "version" of the type');
  expect(refused.failed).toContain('Nothing was written. Raise the "version"');
  expect(await read('catalog.schema.json')).toBe(before);
  expect((await run(await catalog(text, 'version: 2'))).failed).toBeUndefined();
});

test('the built-in types have no views: their facts are columns', async () => {
  const { run, out, read } = await aProject();

  await run();

  expect((await readdir(out)).sort()).toEqual(['catalog.md', 'catalog.schema.json']);
  expect(await read('catalog.md')).toContain('### ticket_click');
});

test('says what is wrong with a catalogue', async () => {
  const { folder, run, out } = await aProject();
  const from = async (name: string, text: string) => {
    await writeFile(join(folder, name), text);
    return (await run(join(folder, name))).failed;
  };

  expect((await run(join(folder, 'none.mjs'))).failed).toBe('There is no file ./none.mjs.');
  expect(await from('empty.mjs', 'export const types = {};')).toMatch(
    /exports no catalogue \(it exports types\)\. Write: export const catalog = defineCatalog/,
  );
  expect(await from('name.mjs', 'export default { "Setlist": { description: "x" } };')).toMatch(/is no name/);
  expect(
    await from('old.mjs', 'export default { setlist: { description: "x", props: { parse() {} } } };'),
  ).toMatch(/The props of "setlist" are no schema of zod 4/);
  await rm(out, { recursive: true, force: true });
  await mkdir(out);
  await writeFile(join(out, 'catalog.md'), '# Posters of 2026');
  expect((await run()).failed).toMatch(/catalog\.md is something else/);
});
