import { defineConfig } from 'tsup';

export default defineConfig({
  entry: { index: 'src/index.ts' },
  format: ['esm', 'cjs'],
  clean: true,
  target: 'es2020',
  // For `browser`, esbuild would decide what `process.env.NODE_ENV` is; that is up to the app's own build.
  platform: 'neutral',
  dts: true,
  // No `treeshake`: it drops 'use client' from the output.
});
