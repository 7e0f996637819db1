/**
 * Runs one statement over ClickHouse's HTTP interface, in the database `turnout`.
 *
 * @param sqlUrl - With name and password, where the server wants them.
 * @returns What it answered: JSONEachRow, unless the statement says otherwise.
 * @throws Error with the words of the database.
 */
export async function askSql(
  sqlUrl: string,
  sql: string,
  settings: Record<string, string> = {},
): Promise<string> {
  const { username, password, origin, pathname } = new URL(sqlUrl);
  const address = `${origin}${pathname}?${new URLSearchParams({ database: 'turnout', default_format: 'JSONEachRow', ...settings })}`;
  const headers: Record<string, string> = username
    ? {
        Authorization: `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`,
      }
    : {};
  const response = await fetch(address, { method: 'POST', body: sql, headers });
  const text = await response.text();
  if (!response.ok) throw new Error(text.trim());
  return text;
}
