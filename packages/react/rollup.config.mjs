import esbuild from 'rollup-plugin-esbuild';

/** Entries that begin with 'use client', a directive that bundling drops. */
const CLIENT = ['index', 'router', 'next/page-views'];

const output = (format, extension) => ({
  dir: 'dist',
  format,
  entryFileNames: `[name].${extension}`,
  chunkFileNames: `[name].${extension}`,
  banner: ({ name }) => (CLIENT.includes(name) ? "'use client';" : ''),
});

// Entries import each other by the name of the package: context is shared, and client code stays behind its boundary.
// `process.env.NODE_ENV` stays for the app's own build to decide.
export default {
  input: {
    index: 'src/index.ts',
    attrs: 'src/attrs.ts',
    router: 'src/router.tsx',
    'next/index': 'src/next/index.ts',
    'next/page-views': 'src/next/page-views.tsx',
    test: 'src/test/index.ts',
  },
  external: (id) => !id.startsWith('.') && !id.startsWith('/'),
  onLog(level, log, handle) {
    if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log);
  },
  output: [output('es', 'js'), output('cjs', 'cjs')],
  plugins: [esbuild({ target: 'es2020', jsx: 'automatic', tsconfig: false })],
};
