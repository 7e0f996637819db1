import { defineConfig } from 'tsup';

export default defineConfig({
  entry: { index: 'src/index.ts', test: 'src/test/index.ts', server: 'src/server/index.ts' },
  format: ['esm', 'cjs'],
  clean: true,
  // Also for CommonJS: what is imported lazily, the debug panel and web-vitals, is a file of its own there, too.
  splitting: true,
  target: 'es2020',
  platform: 'browser',
  // A workspace import would stay unresolved in the emitted types; the path to the source inlines them.
  dts: { compilerOptions: { paths: { '@turnout/schema/wire': ['../schema/src/wire.ts'] } } },
  // web-vitals becomes a chunk of its own in ESM, because it is imported lazily.
  noExternal: [/^@turnout\/schema/, 'web-vitals'],
  esbuildOptions(options) {
    options.conditions = ['@turnout/source'];
  },
});
