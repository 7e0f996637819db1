import type { TypeSchemas } from './type-schema.ts';
import { typedView, viewName } from './typed-view.ts';
import { typesPage } from './types-page.ts';

export const SCHEMA_FILE = 'catalog.schema.json';
export const VIEWS_FOLDER = 'views';

/** Everything that follows from a catalogue, as files by their paths in the folder. */
export function typeFiles(schemas: TypeSchemas): Map<string, string> {
  const document = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $comment: 'Written by "turnout types" from the catalogue: change it there. The props of each type.',
    $defs: schemas,
  };
  const files = new Map([
    [SCHEMA_FILE, `${JSON.stringify(document, null, 2)}\n`],
    ['catalog.md', typesPage(schemas)],
  ]);
  for (const [name, schema] of Object.entries(schemas)) {
    const view = viewName(name);
    if (view !== undefined) files.set(`${VIEWS_FOLDER}/${view}.sql`, typedView(name, schema));
  }
  return files;
}
