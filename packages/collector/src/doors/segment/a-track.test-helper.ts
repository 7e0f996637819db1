import { expect } from 'vitest';
import { anApp, NOW } from '../../testing/app.ts';

export const basic = (key: string) => ({ Authorization: `Basic ${btoa(`${key}:`)}` });

export const at = (ms: number) => new Date(NOW + ms).toISOString();

/** A track call as a browser sends one. */
export const aTrack = (event: string, properties: object = {}, more: object = {}) => ({
  type: 'track',
  messageId: `m-${event}`,
  anonymousId: 'ann',
  timestamp: at(-1_000),
  event,
  properties,
  ...more,
});

export async function tracked(event: string, properties: object = {}) {
  const collector = anApp();
  const response = await collector.post('/v1/t', aTrack(event, properties), basic('wk_demo'));
  expect(await response.json()).toEqual({ success: true });
  expect(collector.rejected()).toEqual([]);
  return collector.rows();
}
