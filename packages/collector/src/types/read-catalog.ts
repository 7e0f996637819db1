import { pathToFileURL } from 'node:url';
import { type Catalog, defineCatalog, liveMusic } from '@turnout/schema';
import { whyNotImported } from './why-not-imported.ts';

/**
 * The catalogue that a module exports, as `catalog` or as its default; the built-in one without a module.
 *
 * @param file - An absolute path.
 * @throws Error that says what to do.
 */
export async function readCatalog(file: string | undefined): Promise<Catalog> {
  if (file === undefined) return liveMusic;
  const module = await importFile(file);
  const exported = module.catalog ?? module.default;
  if (isCatalog(exported)) return defineCatalog(exported);
  const names = Object.keys(module);
  throw new Error(
    `${file} exports no catalogue${names.length === 0 ? '' : ` (it exports ${names.join(', ')})`}. ` +
      'Write: export const catalog = defineCatalog({ ...liveMusic, … }), where each type has a description.',
  );
}

async function importFile(file: string): Promise<{ [name: string]: unknown }> {
  try {
    return await import(pathToFileURL(file).href);
  } catch (error) {
    throw new Error(whyNotImported(file, error), { cause: error });
  }
}

function isCatalog(value: unknown): value is Catalog {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.keys(value).length > 0 &&
    Object.values(value).every(
      (it: unknown) =>
        typeof it === 'object' && it !== null && 'description' in it && typeof it.description === 'string',
    )
  );
}
