import { clientAddress } from './client-address.ts';

/**
 * Reads who sent a request that came to the server of Node. It says once when requests seem to come through a proxy
 * that nobody counted: everybody would be one sender, with one limit and one place.
 */
export function createAddressOf(
  trustedProxies: number,
  log: { warn(details: object, message: string): void },
): (request: Request, env: unknown) => string {
  let hasWarned = trustedProxies > 0;
  return (request, env) => {
    const forwardedFor = request.headers.get('X-Forwarded-For');
    if (forwardedFor !== null && !hasWarned) {
      hasWarned = true;
      log.warn(
        {},
        'a request carries X-Forwarded-For: if it passed proxies of yours, set TURNOUT_TRUSTED_PROXIES to how many; see docs/operations.md',
      );
    }
    return clientAddress(forwardedFor, socketAddress(env), trustedProxies);
  };
}

const socketAddress = (env: unknown) =>
  (env as { incoming?: { socket?: { remoteAddress?: string } } } | undefined)?.incoming?.socket
    ?.remoteAddress;

/** Whether the first proxy was called by https, as it says and those behind it pass on. */
export const cameByHttps = (request: Request): boolean =>
  /^https\b/i.test(request.headers.get('X-Forwarded-Proto')?.trim() ?? '');
