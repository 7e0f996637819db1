/** What to do about a module that Node could not load. Node 22.18 and newer leave types out of TypeScript by themselves. */
export function whyNotImported(file: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION' && /\.[mc]?tsx?$/.test(file))
    return (
      `Node ${process.versions.node} cannot read TypeScript, which ${file} is. Node 22.18 and newer can. ` +
      'Or compile it first: npx esbuild catalog.ts --bundle --packages=external --platform=node --format=esm --outfile=catalog.mjs && npx turnout types catalog.mjs'
    );
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION')
    return `${file} is no module: name a .js, .mjs or .ts file that exports the catalogue.`;
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'ERR_PACKAGE_PATH_NOT_EXPORTED')
    return `${file} imports something that is not there: ${message}. Install it where that file is.`;
  return `${file} cannot be read: ${message}`;
}
