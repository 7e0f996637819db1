import { type Argument, hasDays, type View } from './view.ts';

/** What an argument may be told, by its name. Only the example knows: any other name is shown by its type. */
const TOLD: { readonly [name: string]: string } = {
  grain: 'week',
  steps: 'impression,click,purchase',
};
const BY_TYPE: { readonly [type: string]: string } = { UInt32: '86400', UInt16: '7' };
const DAY_MS = 86_400_000;

/** An address that works, as `?…` behind the name of a view: of the last 30 days, where there are days. */
export function exampleOf(view: View, siteId: string | undefined, now: number): string {
  const [from, to] = [now - 30 * DAY_MS, now].map((at) => new Date(at).toISOString().slice(0, 10));
  const days: { [name: string]: string | undefined } = { from, to };
  const told = ({ name, type }: Argument) =>
    days[name] ?? (type === 'Date' ? to : (TOLD[name] ?? BY_TYPE[type])) ?? '1';
  const search = new URLSearchParams();
  if (siteId !== undefined) search.set('site', siteId);
  for (const argument of view.arguments) search.set(argument.name, told(argument));
  if (hasDays(view)) for (const [name, day = ''] of Object.entries(days)) search.set(name, day);
  search.set('limit', '10');
  // Commas of a list are easier to read as they are, and mean nothing else here.
  return `?${search.toString().replaceAll('%2C', ',')}`;
}
