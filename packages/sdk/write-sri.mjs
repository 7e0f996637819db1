/**
 * Writes `dist/sri.json`: the versioned names under which a collector serves `t.js` and `t-all.js`, and the hashes by
 * which a page can make sure that it gets these very files.
 */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';

const at = (path) => new URL(path, import.meta.url);
const { version } = JSON.parse(await readFile(at('./package.json'), 'utf8'));

async function describe(name) {
  const bytes = await readFile(at(`./dist/${name}.js`));
  return {
    file: `${name}-${version}.js`,
    integrity: `sha384-${createHash('sha384').update(bytes).digest('base64')}`,
  };
}

const sri = { version, ...(await describe('t')), all: await describe('t-all') };
await writeFile(at('./dist/sri.json'), `${JSON.stringify(sri, null, 2)}\n`);
for (const { file, integrity } of [sri, sri.all]) console.log(`${file} ${integrity}`);
