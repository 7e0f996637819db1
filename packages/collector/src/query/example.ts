import { type Argument, hasDays, type View } from './view.ts';

/** What an argument may be told, by its name. Only the example knows: any other name is shown by its type. */
const TOLD: { readonly [name: string]: string } = {
  grain: 'week',
  steps: 'impression,click,purchase',
};
const BY_TYPE = { Date: '2026-10-01', UInt32: '86400', UInt16: '7' } as const;

/** An address that works, as `?…` behind the name of a view. */
export function exampleOf(view: View, siteId: string | undefined): string {
  const search = new URLSearchParams();
  if (siteId !== undefined) search.set('site', siteId);
  for (const argument of view.arguments) search.set(argument.name, told(argument));
  if (hasDays(view)) {
    search.set('from', '2026-10-01');
    search.set('to', '2026-10-31');
  }
  search.set('limit', '10');
  // Commas of a list are easier to read as they are, and mean nothing else here.
  return `?${search.toString().replaceAll('%2C', ',')}`;
}

function told({ name, type }: Argument): string {
  if (name === 'to') return '2026-10-31';
  return TOLD[name] ?? (BY_TYPE as { [type: string]: string })[type] ?? '1';
}
