import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    node: 'src/node.ts',
    cli: 'src/cli/main.ts',
    'engine-server': 'src/engine/server.ts',
  },
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  clean: true,
  dts: { entry: { index: 'src/index.ts', node: 'src/node.ts' } },
  // tsup bundles optional dependencies unless told not to.
  external: ['chdb'],
});
