/**
 * The workspace reads sources through the export condition `@turnout/source`; a published package has
 * no sources. `strip` takes the condition out before packing, `restore` puts the manifest back.
 */
import { copyFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

const KEPT = '.package.json.published';
const STRIPPED = '.package.json.stripped';

/** @param {unknown} value */
function withoutSource(value) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).filter(([name]) => name !== '@turnout/source');
  return Object.fromEntries(entries.map(([name, inner]) => [name, withoutSource(inner)]));
}

if (process.argv[2] === 'strip') {
  copyFileSync('package.json', KEPT);
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
  // In one step: npm reads the manifests of all workspaces at any time, and half a manifest ends it.
  writeFileSync(STRIPPED, `${JSON.stringify(withoutSource(manifest), null, 2)}\n`);
  renameSync(STRIPPED, 'package.json');
} else {
  renameSync(KEPT, 'package.json');
}
