import { parseSites } from './sites-file.ts';

/** A site as a sites file has it; see docs/operations.md. */
export interface SiteEntry {
  id: string;
  name?: string;
  time_zone: string;
  currency: string;
  write_keys: string[];
  secret_keys: string[];
  origins: string[];
}

/** The text of a changed sites file, or what is wrong with the change. */
export type Edited = { text: string } | { problems: string[] };

/** The text of a sites file with one site more; a file of its own when there is no text. */
export function withSite(text: string | undefined, site: SiteEntry): Edited {
  const entries = text === undefined ? [] : entriesOf(text);
  if (!Array.isArray(entries)) return entries;
  if (entries.some(({ id }) => id === site.id))
    return { problems: [`there is a site "${site.id}" already: choose another id, or edit the file`] };
  return checked([...entries, site]);
}

/** The text of a sites file without a site. */
export function withoutSite(text: string, id: string): Edited {
  const entries = entriesOf(text);
  if (!Array.isArray(entries)) return entries;
  const others = entries.filter((entry) => entry.id !== id);
  if (others.length === entries.length)
    return {
      problems: [`there is no site "${id}"; there are: ${entries.map((entry) => entry.id).join(', ')}`],
    };
  if (others.length === 0)
    return {
      problems: [
        `"${id}" is the only site, and a collector needs one: add the next one first, or stop the collector and delete its data directory`,
      ],
    };
  return checked(others);
}

/** The entries as they are written: what is not understood here stays as it is. */
function entriesOf(text: string): { id: string }[] | { problems: string[] } {
  const parsed = parseSites(text);
  return 'problems' in parsed ? parsed : (JSON.parse(text) as { sites: { id: string }[] }).sites;
}

function checked(sites: object[]): Edited {
  const text = `${JSON.stringify({ sites }, null, 2)}\n`;
  const parsed = parseSites(text);
  return 'problems' in parsed ? parsed : { text };
}
