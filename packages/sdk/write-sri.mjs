/**
 * Writes `dist/sri.json`: the versioned name under which a collector serves `t.js`, and the hash by which a page can
 * make sure that it gets this very file.
 */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';

const at = (path) => new URL(path, import.meta.url);
const { version } = JSON.parse(await readFile(at('./package.json'), 'utf8'));
const hash = createHash('sha384')
  .update(await readFile(at('./dist/t.js')))
  .digest('base64');
const sri = { version, file: `t-${version}.js`, integrity: `sha384-${hash}` };
await writeFile(at('./dist/sri.json'), `${JSON.stringify(sri, null, 2)}\n`);
console.log(`${sri.file} ${sri.integrity}`);
