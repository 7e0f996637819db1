import { expect, test } from 'vitest';
import { mayReadMetrics } from './metrics-access.ts';

const ask = (address: string, headers: Record<string, string> = {}) =>
  mayReadMetrics(new Request('http://collector/metrics', { headers }), address, [
    'the admin token',
    'the metrics token',
  ]);

test('this machine reads the figures, and others with either token', () => {
  expect(ask('127.0.0.1')).toBe(true);
  expect(ask('::1')).toBe(true);
  expect(ask('203.0.113.7')).toBe(false);
  expect(ask('')).toBe(false);
  expect(ask('203.0.113.7', { Authorization: 'Bearer the admin token' })).toBe(true);
  expect(ask('203.0.113.7', { Authorization: 'Bearer the metrics token' })).toBe(true);
  expect(ask('203.0.113.7', { Authorization: 'Bearer ' })).toBe(false);
  expect(ask('203.0.113.7', { Authorization: 'Bearer another token' })).toBe(false);
});

test('what a proxy on this machine passes on is not from this machine', () => {
  expect(ask('127.0.0.1', { 'X-Forwarded-For': '203.0.113.7' })).toBe(false);
  expect(ask('127.0.0.1', { 'X-Forwarded-For': '127.0.0.1' })).toBe(false);
  expect(ask('127.0.0.1', { Forwarded: 'for=203.0.113.7' })).toBe(false);
  expect(
    ask('127.0.0.1', { 'X-Forwarded-For': '203.0.113.7', Authorization: 'Bearer the admin token' }),
  ).toBe(true);
});
