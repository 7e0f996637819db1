import { isLoopback } from './client-address.ts';
import { bearerOf, isSecret } from './secret.ts';

/** What proxies add. It counts even where the proxy is not trusted for more. */
const TRACES_OF_PROXIES = ['X-Forwarded-For', 'Forwarded', 'Via', 'X-Real-IP'];
const LOCAL_HOST = /^(localhost|127\.[\d.]+|\[::1\])$/;

/**
 * Whether a request may read `/metrics`: from this machine, or with a token.
 *
 * What a proxy on this machine passes on comes from loopback too, and is not from here; nor is what a page in a browser
 * here asks for under a name of its own that leads here.
 */
export function mayReadMetrics(request: Request, address: string, tokens: readonly string[]): boolean {
  const isDirect = !TRACES_OF_PROXIES.some((name) => request.headers.has(name));
  if (isLoopback(address) && isDirect && LOCAL_HOST.test(new URL(request.url).hostname)) return true;
  const given = bearerOf(request.headers.get('Authorization') ?? undefined);
  return tokens.some((token) => isSecret(given, token));
}
