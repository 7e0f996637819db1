import { defineConfig } from 'tsup';

/** The types. Code is built by rollup, which keeps 'use client' and imports every package once. */
export default defineConfig({
  entry: {
    index: 'src/index.ts',
    attrs: 'src/attrs.ts',
    router: 'src/router.tsx',
    'next/index': 'src/next/index.ts',
    'next/page-views': 'src/next/page-views.tsx',
    test: 'src/test/index.ts',
  },
  format: ['esm', 'cjs'],
  clean: true,
  dts: { only: true },
  // Of its own entries too: context is shared, and client code stays behind its boundary.
  external: [/^@turnout\/react/],
});
