import { expect, test } from 'vitest';
import { mayReadMetrics } from './metrics-access.ts';

const ask = (address: string, headers: Record<string, string> = {}, host = 'localhost:8787') =>
  mayReadMetrics(new Request(`http://${host}/metrics`, { headers }), address, [
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
  expect(ask('127.0.0.1', { Via: '1.1 proxy' })).toBe(false);
  expect(ask('127.0.0.1', { 'X-Real-IP': '203.0.113.7' })).toBe(false);
  expect(
    ask('127.0.0.1', { 'X-Forwarded-For': '203.0.113.7', Authorization: 'Bearer the admin token' }),
  ).toBe(true);
});

test('a name that leads to this machine is not this machine', () => {
  expect(ask('127.0.0.1', {}, '127.0.0.1:8787')).toBe(true);
  expect(ask('::1', {}, '[::1]:8787')).toBe(true);
  expect(ask('127.0.0.1', {}, 'rebound.example')).toBe(false);
  expect(ask('127.0.0.1', {}, '127.evil.example')).toBe(false);
});
