import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { defineConfig } from 'tsup';

/** A worker has no files: what the script tag asks for travels inside of it. */
function scripts() {
  const { resolve } = createRequire(import.meta.url);
  const textOf = (name: string) => readFileSync(resolve(`@turnout/sdk/${name}`), 'utf8');
  const scriptOf = (name: string, isImmutable = false) => {
    const body = textOf(name);
    return { body, isImmutable, etag: `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"` };
  };
  const { file, all } = JSON.parse(textOf('sri.json')) as { file: string; all: { file: string } };
  const names = ['t.js', 't-all.js', 't-debug.js', 't-vitals.js'];
  return {
    ...Object.fromEntries(names.map((name) => [name, scriptOf(name)])),
    [file]: scriptOf('t.js', true),
    [all.file]: scriptOf('t-all.js', true),
  };
}

export default defineConfig([
  {
    entry: {
      index: 'src/index.ts',
      node: 'src/node.ts',
      cli: 'src/cli/main.ts',
      'engine-server': 'src/engine/server.ts',
    },
    format: ['esm'],
    target: 'node20',
    platform: 'node',
    clean: ['!worker.*'],
    dts: { entry: { index: 'src/index.ts', node: 'src/node.ts' } },
    // tsup bundles optional dependencies unless told not to.
    external: ['chdb'],
  },
  {
    entry: { worker: 'src/worker.ts' },
    format: ['esm'],
    target: 'es2022',
    platform: 'neutral',
    splitting: false,
    removeNodeProtocol: false,
    // With the flag nodejs_compat the runtime has these.
    external: [/^node:/],
    define: { TURNOUT_SCRIPTS: JSON.stringify(scripts()) },
    dts: true,
  },
]);
