/** The letters of a token (RFC 9110, section 5.6.2). */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

/**
 * The name of a header as a setting has it; empty is unset. What is no name is a problem: asked for it, the runtime throws, and
 * every batch would be answered 500.
 */
export function readHeaderName(
  setting: string,
  text: string | undefined,
  problems: string[],
): string | undefined {
  const name = text?.trim() || undefined;
  if (name === undefined || TOKEN.test(name)) return name;
  problems.push(
    `${setting} must be the name of one header, such as "cf-ipcountry": letters, digits and "-", without ":" or spaces.`,
  );
  return undefined;
}
