import { isIP, isIPv4 } from 'node:net';

/**
 * The address of whoever sent a request through proxies.
 *
 * Each proxy appends to `X-Forwarded-For` whom it was called by. With two trusted ones, `forged, fan, cdn` from the
 * socket of the balancer reads: the balancer was called by `cdn`, and that by `fan`, the second from the right. What
 * stands further left was sent by the fan and proves nothing.
 *
 * @param forwardedFor - The header, several of them joined by commas.
 * @param socketAddress - Who opened the connection: the proxy next to us, or without proxies the sender.
 * @param trustedProxies - How many proxies of the operator every request passes.
 * @returns An address without port, brackets or zone; that of the socket where the header does not tell.
 */
export function clientAddress(
  forwardedFor: string | null | undefined,
  socketAddress: string | undefined,
  trustedProxies: number,
): string {
  const nearest = plainAddress(socketAddress ?? '') ?? '';
  if (trustedProxies === 0) return nearest;
  const entries = forwardedFor?.split(',') ?? [];
  return plainAddress(entries[entries.length - trustedProxies] ?? '') ?? nearest;
}

/** An address as it is counted: the first 24 bits of IPv4, the first 48 of IPv6, which is what one customer gets. */
export function networkOf(address: string): string {
  if (isIPv4(address)) return address.replace(/\.\d+$/, '.0');
  const groups = groupsOf(address);
  return groups ? `${groups.slice(0, 3).join(':')}::` : '';
}

/** Whether an address is this very machine. */
export const isLoopback = (address: string): boolean => address === '::1' || /^127\.[\d.]+$/.test(address);

/** `1.2.3.4:80`, `[2001:db8::1]:80`, `fe80::1%eth0` and `::ffff:1.2.3.4` without what is around the address. */
function plainAddress(text: string): string | undefined {
  const trimmed = text.trim();
  if (isIPv4(trimmed)) return trimmed;
  const bare =
    /^\[(.*)\](?::\d+)?$/.exec(trimmed)?.[1] ?? /^([\d.]+)(?::\d+)?$/.exec(trimmed)?.[1] ?? trimmed;
  const address = bare.replace(/%.*$/, '').toLowerCase();
  if (isIP(address) !== 6) return isIP(address) === 4 ? address : undefined;
  const groups = groupsOf(address) ?? [];
  if (groups.slice(0, 5).every((group) => group === '0') && groups[5] === 'ffff') {
    return groups
      .slice(6)
      .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255])
      .join('.');
  }
  // One spelling of the many that an address of IPv6 has: it also makes pseudonyms.
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

/** The eight groups of an IPv6 address, without leading zeros. */
function groupsOf(address: string): string[] | undefined {
  if (isIP(address) !== 6) return undefined;
  const inHex = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...bytes: string[]) =>
    [0, 2].map((at) => (Number(bytes[at]) * 256 + Number(bytes[at + 1])).toString(16)).join(':'),
  );
  const [left = '', right] = inHex.split('::');
  const head = left === '' ? [] : left.split(':');
  const tail = right ? right.split(':') : [];
  const gap = right === undefined ? 0 : 8 - head.length - tail.length;
  return [...head, ...Array<string>(gap).fill('0'), ...tail].map((group) =>
    Number.parseInt(group, 16).toString(16),
  );
}
