import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'esbuild';
import { formatTable } from '../../e2e/delivery/format-table.ts';
import { versionOf } from '../delivery/bundle.ts';
import { trackers } from '../delivery/trackers.ts';

const PAGES = fileURLToPath(new URL('../delivery/pages', import.meta.url));
const require = createRequire(import.meta.url);

/** What a page downloads before it can track, and what may come later. */
interface Size {
  first: number;
  later: number;
}

/**
 * Prints what each tracker costs a page to download: bundled and minified as a site would, brotli at its highest
 * level. Nothing is downloaded for it: peers are measured as they are installed.
 */
export async function run(): Promise<void> {
  const rows: { what: string; 'first, kB': string; 'later, kB': string }[] = [];
  const add = (what: string, { first, later }: Size) =>
    rows.push({ what, 'first, kB': kilobytes(first), 'later, kB': later ? kilobytes(later) : '–' });

  const ours = dirname(require.resolve('@turnout/sdk/t.js'));
  const file = async (name: string) => compressed(await readFile(join(ours, name)));
  add('turnout: t.js', {
    first: await file('t.js'),
    later: (await file('t-debug.js')) + (await file('t-vitals.js')),
  });
  add('turnout: createTracker', await bundled("export { createTracker } from '@turnout/sdk'"));
  add('turnout: everything', await bundled("export * from '@turnout/sdk'"));
  for (const tracker of trackers) {
    if (tracker.name === 'turnout') continue;
    const code = await readFile(join(PAGES, tracker.page), 'utf8');
    add(`${tracker.packageName} ${await versionOf(tracker)}`, await bundled(code));
  }
  console.log(formatTable(rows));
}

async function bundled(contents: string): Promise<Size> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: PAGES, loader: 'ts', sourcefile: 'page.ts' },
    bundle: true,
    minify: true,
    format: 'esm',
    // What is imported on demand stays out of what every page downloads.
    splitting: true,
    outdir: '/out',
    target: 'es2022',
    define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis' },
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const outputs = new Map(Object.entries(metafile.outputs).map(([path, output]) => [nameOf(path), output]));
  const entry = [...outputs].find(([, output]) => output.entryPoint)?.[0] ?? '';
  const first = new Set([entry]);
  for (const name of first) {
    for (const { path, kind } of outputs.get(name)?.imports ?? []) {
      if (kind === 'import-statement') first.add(nameOf(path));
    }
  }
  const sum = (isFirst: boolean) =>
    outputFiles
      .filter(({ path }) => first.has(nameOf(path)) === isFirst)
      .reduce((total, { contents: bytes }) => total + compressed(bytes), 0);
  return { first: sum(true), later: sum(false) };
}

const nameOf = (path: string) => path.split('/').at(-1) ?? path;
const compressed = (bytes: Uint8Array) => brotliCompressSync(bytes).length;
const kilobytes = (bytes: number) => (bytes / 1_000).toFixed(1);
