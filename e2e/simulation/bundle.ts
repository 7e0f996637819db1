import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** A change of one real module that must not go unnoticed. */
export interface Mutation {
  name: string;
  /** The end of the module's path. */
  file: string;
  /** Must occur in it. */
  find: string;
  replace: string;
  /** Takes hundreds of schedules to be found, because it takes several troubles at once. */
  isRare?: boolean;
}

/** Makes the exports of a bundle with these globals and modules in the place of the real ones. */
export type Instantiate<Exports> = (
  globals: Record<string, unknown>,
  modules?: Record<string, unknown>,
) => Exports;

const require = createRequire(import.meta.url);

/**
 * Bundles a real module with everything below it, so that each page and process can have a world of its
 * own: the bundle is a function, and what is global inside is a parameter of it.
 *
 * @param globals - Names that are taken away from the code, and given by whoever makes an instance.
 */
export async function bundle<Exports>(
  entry: string,
  globals: readonly string[],
  mutations: readonly Mutation[] = [],
): Promise<Instantiate<Exports>> {
  const missing = new Set(mutations);
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    ssr: { noExternal: true, resolve: { conditions: ['@turnout/source', 'node', 'import', 'default'] } },
    build: {
      ssr: fileURLToPath(new URL(entry, import.meta.url)),
      write: false,
      minify: false,
      rolldownOptions: { external: ['@clickhouse/client'], output: { format: 'cjs' } },
    },
    plugins: [
      {
        name: 'mutate',
        enforce: 'pre',
        transform(code, id) {
          let mutated = code;
          for (const mutation of mutations) {
            if (!id.endsWith(mutation.file) || !mutated.includes(mutation.find)) continue;
            mutated = mutated.replace(mutation.find, () => mutation.replace);
            missing.delete(mutation);
          }
          return mutated === code ? undefined : mutated;
        },
      },
    ],
  });
  for (const { name, file } of missing) {
    throw new Error(`The mutation "${name}" does not fit ${file} any more: adapt it to the code.`);
  }
  const [chunk] = (built as { output: { code: string }[] }).output;
  const names = ['module', 'exports', 'require', ...globals];
  const run = new Function(...names, `${chunk?.code}\n//# sourceURL=${entry}`);
  return (values, modules = {}) => {
    const module = { exports: {} };
    const load = (name: string) => modules[name] ?? require(name);
    run(module, module.exports, load, ...globals.map((name) => values[name]));
    return module.exports as Exports;
  };
}
