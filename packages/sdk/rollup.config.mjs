import resolve from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import esbuild from 'rollup-plugin-esbuild';

const plugins = (isModule) => [
  resolve({ browser: true, extensions: ['.ts', '.mjs', '.js'], exportConditions: ['@turnout/source'] }),
  esbuild({ target: 'es2020', tsconfig: false }),
  terser({ ecma: 2020, compress: { passes: 2 }, mangle: true, module: isModule }),
];

// The map is for whoever debugs with the package at hand: a collector serves the script alone.
export default [
  {
    input: 'src/script.ts',
    output: { file: 'dist/t.js', format: 'iife', sourcemap: 'hidden' },
    plugins: plugins(false),
  },
  {
    input: 'src/script-all.ts',
    output: { file: 'dist/t-all.js', format: 'iife', sourcemap: 'hidden' },
    plugins: plugins(false),
    // The chunk of the npm package has no place in a script; the file beside it has.
    external: ['web-vitals'],
  },
  {
    input: 'src/vitals-script.ts',
    output: { file: 'dist/t-vitals.js', format: 'es' },
    plugins: plugins(true),
  },
];
