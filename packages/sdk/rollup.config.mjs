import resolve from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import esbuild from 'rollup-plugin-esbuild';
import { minifySync } from 'vite';

/** The compiler has checked every `const` by now, and one word for all makes 1 % less. Blanks keep the map right. */
const constAsLet = {
  name: 'const-as-let',
  renderChunk: (code) => ({
    code: code.replace(/^(\s*(?:export )?(?:for \()?)const /gm, '$1let   '),
    map: null,
  }),
};

/** A long list of names costs fewer quotation marks as one text. Its lines stay, for the map. */
const listsAsText = {
  name: 'lists-as-text',
  renderChunk: (code) => ({
    code: code.replace(
      /\[\s*("\w+",\s*){20,}"\w+"\s*\]/g,
      (list) => `"${JSON.parse(list).join(' ')}".split(" ")${list.replace(/[^\n]/g, '')}`,
    ),
    map: null,
  }),
};

/** What terser leaves, a minifier of another kind makes half a percent less of. Names stay as terser chose them. */
const minifyAgain = (isModule) => ({
  name: 'minify-again',
  renderChunk(code, { fileName }) {
    const again = minifySync(fileName, code, {
      module: isModule,
      compress: { target: 'es2021' },
      mangle: false,
      sourcemap: true,
    });
    if (again.errors.length) this.error(again.errors[0].message);
    return { code: again.code, map: again.map };
  },
});

const plugins = (isModule) => [
  resolve({ browser: true, extensions: ['.ts', '.mjs', '.js'], exportConditions: ['@turnout/source'] }),
  esbuild({ target: 'es2021', tsconfig: false }),
  constAsLet,
  listsAsText,
  terser({
    ecma: 2021,
    // Safe here: nothing is called with `new`, no function reads `arguments`, and no property is read for its effect.
    compress: {
      passes: 4,
      inline: 1,
      sequences: false,
      unsafe_arrows: true,
      unsafe_methods: true,
      pure_getters: true,
    },
    mangle: true,
    module: isModule,
  }),
  minifyAgain(isModule),
];

/**
 * The script tag loads its panel from where it came from itself. By `import()`, so that no element is made, and no
 * string becomes one: that is what Trusted Types watch. By its full address, because a script from another origin
 * has no base to be relative to: https://html.spec.whatwg.org/#creating-a-classic-script
 */
const panelBeside = {
  name: 'panel-beside',
  transform(code, id) {
    if (!id.endsWith('/src/start-script.ts')) return null;
    const moved = code.replace(/(["'])\.\/debug\/panel\.ts\1/, 'new URL("t-debug.js", src).href');
    if (moved === code) this.error('start-script.ts imports no ./debug/panel.ts');
    return { code: moved, map: null };
  },
};

// The map is for whoever debugs with the package at hand: a collector serves the script alone.
export default [
  {
    input: 'src/script.ts',
    output: { file: 'dist/t.js', format: 'iife', sourcemap: 'hidden' },
    plugins: [panelBeside, ...plugins(false)],
  },
  {
    input: 'src/debug/panel.ts',
    output: { file: 'dist/t-debug.js', format: 'es' },
    plugins: plugins(true),
  },
  {
    input: 'src/script-all.ts',
    output: { file: 'dist/t-all.js', format: 'iife', sourcemap: 'hidden' },
    plugins: [panelBeside, ...plugins(false)],
    // The chunk of the npm package has no place in a script; the file beside it has.
    external: ['web-vitals'],
  },
  {
    input: 'src/vitals-script.ts',
    output: { file: 'dist/t-vitals.js', format: 'es' },
    plugins: plugins(true),
  },
];
