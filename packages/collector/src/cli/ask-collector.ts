import type { RunFile } from '../run-file.ts';
import { askLong } from './ask-long.ts';
import { readLines } from './read-lines.ts';

/**
 * Has a running collector do a long piece of work, and shows how it gets on.
 *
 * @param path - Such as `/v1/admin/verify?repair=false`: it answers with lines of JSON, the last of which is the result.
 */
export async function askCollector<Progress, Result extends object>(
  run: Pick<RunFile, 'url' | 'admin_token'>,
  path: string,
  showProgress: (progress: Progress) => void,
): Promise<Result> {
  const response = await askLong(`${run.url}${path}`, {
    headers: { Authorization: `Bearer ${run.admin_token}` },
  });
  if (!response.ok || !response.body) throw new Error(await response.text());
  for await (const line of readLines(response.body)) {
    const said = line as { progress?: Progress; error?: string } & Result;
    if (said.error !== undefined) throw new Error(said.error);
    if (said.progress === undefined) return said;
    showProgress(said.progress);
  }
  throw new Error('The collector stopped before the work was done. Give the command again when it runs.');
}
