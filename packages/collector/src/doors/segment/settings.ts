/**
 * The settings that Segment's browser client loads before it sends: no destinations, and this collector as the
 * place to send to.
 *
 * @param address - Of this request: where the client reached it, messages can be sent.
 * @param isHttps - Whether the browser came by https, whatever the proxy before us speaks.
 */
export function settingsFor(key: string, address: string, isHttps: boolean): object {
  const { host, protocol, pathname } = new URL(address);
  // A collector may be mounted under a path of somebody else's server.
  const mountedAt = pathname.slice(0, Math.max(0, pathname.indexOf('/v1/projects/')));
  return {
    integrations: {
      'Segment.io': {
        apiKey: key,
        apiHost: `${host}${mountedAt}/v1`,
        protocol: isHttps ? 'https' : protocol.slice(0, -1),
        addBundledMetadata: false,
        unbundledIntegrations: [],
        maybeBundledConfigIds: {},
      },
    },
    plan: { track: { __default: { enabled: true } }, identify: { __default: { enabled: true } } },
    edgeFunction: {},
    analyticsNextEnabled: true,
    middlewareSettings: {},
    enabledMiddleware: {},
    // It would tell api.segment.io how it is doing.
    metrics: { sampleRate: 0 },
    legacyVideoPluginsEnabled: false,
    remotePlugins: [],
  };
}
