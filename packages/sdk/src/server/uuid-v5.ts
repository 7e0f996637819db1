/** The namespace of every id derived here. Part of the contract: a change counts old webhooks twice. */
const NAMESPACE = '3b0cbb0e-6b5f-4c0e-9a35-0f6d1f0a7c52';

/** The UUID, version 5 (RFC 9562), that follows from `parts`: the same ones always give the same. */
export async function uuidV5(...parts: string[]): Promise<string> {
  const namespace = NAMESPACE.replaceAll('-', '').match(/../g) ?? [];
  // As JSON the parts cannot run into one another, whatever characters they hold.
  const name = new TextEncoder().encode(JSON.stringify(parts));
  const message = Uint8Array.from([...namespace.map((pair) => Number.parseInt(pair, 16)), ...name]);
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-1', message)).slice(0, 16);
  // Four bits say "version 5", two say "laid out as the RFC has it".
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const digits = Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
