import { isLoopback } from './client-address.ts';
import { bearerOf, isSecret } from './secret.ts';

/**
 * Whether a request may read `/metrics`: from this machine, or with a token.
 *
 * What a proxy on this machine passes on comes from loopback too, and is not from here: it carries `X-Forwarded-For`,
 * which counts even where the proxy is not trusted for more.
 */
export function mayReadMetrics(request: Request, address: string, tokens: readonly string[]): boolean {
  if (isLoopback(address) && !request.headers.has('X-Forwarded-For') && !request.headers.has('Forwarded'))
    return true;
  const given = bearerOf(request.headers.get('Authorization') ?? undefined);
  return tokens.some((token) => isSecret(given, token));
}
