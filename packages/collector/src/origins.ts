/** How the sites file writes an origin; `*` stands for any port, or with a dot for any subdomain. */
export const ORIGIN = /^(https?):\/\/(\*\.)?([a-z0-9.-]+|\[[0-9a-f:]+\])(?::(\d{1,5}|\*))?$/;

/** Whether a page of this origin, as the `Origin` header has it, is among the listed ones. */
export function isOriginAllowed({ origins }: { origins: readonly string[] }, origin: string): boolean {
  return origins.some((pattern) => matches(pattern, origin));
}

/** Whether every origin that `pattern` stands for is among the listed ones. */
export function isOriginCovered(list: { origins: readonly string[] }, pattern: string): boolean {
  if (list.origins.includes(pattern)) return true;
  // One that nobody would list stands for them all: only a star covers it.
  const anyOne = pattern.replace('://*.', '://any-subdomain-whatever.').replace(/:\*$/, ':65535');
  return isOriginAllowed(list, anyOne);
}

function matches(pattern: string, origin: string): boolean {
  const [, scheme, subdomain, host = '', port] = ORIGIN.exec(pattern) ?? [];
  const [, itsScheme, wildcard, itsHost = '', itsPort] = ORIGIN.exec(origin) ?? [];
  return (
    scheme !== undefined &&
    scheme === itsScheme &&
    wildcard === undefined &&
    (subdomain ? itsHost.endsWith(`.${host}`) : itsHost === host) &&
    (port === '*' ? itsPort !== '*' : itsPort === port)
  );
}
