/**
 * The settings that Segment's browser client loads before it sends: no destinations, and this collector as the
 * place to send to.
 *
 * @param address - Of this request: where the client reached it, messages can be sent.
 * @param forwarded - What a proxy says the browser spoke, such as `https`.
 */
export function settingsFor(key: string, address: string, forwarded: string | undefined): object {
  const { host, protocol } = new URL(address);
  const spoken = forwarded?.split(',')[0]?.trim();
  return {
    integrations: {
      'Segment.io': {
        apiKey: key,
        apiHost: `${host}/v1`,
        protocol: spoken === 'https' ? 'https' : protocol.slice(0, -1),
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
