import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundlePage } from '../../e2e/bundle-page.ts';
import type { Tracker } from './trackers.ts';

const PAGES = fileURLToPath(new URL('./pages', import.meta.url));

/** The page of a tracker as a site would have it: one script, for production. */
export const bundle = ({ page }: Tracker): Promise<string> => bundlePage(join(PAGES, page));

/** The version of its package that is installed. */
export async function versionOf({ packageName }: Tracker): Promise<string> {
  // Some packages do not export their manifest: it is found beside their entry.
  let folder = dirname(createRequire(import.meta.url).resolve(packageName));
  for (;;) {
    const manifest = await readFile(join(folder, 'package.json'), 'utf8').then(JSON.parse, () => undefined);
    if (manifest?.name === packageName) return manifest.version;
    if (folder === dirname(folder)) return 'unknown';
    folder = dirname(folder);
  }
}
