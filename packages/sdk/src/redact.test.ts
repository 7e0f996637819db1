import { expect, test } from 'vitest';
import { redact } from './redact.ts';

test.each([
  'ann@example.com',
  'ann.b+tickets@mail.example',
  'ann%40example.com',
  'half@',
  '+1 (512) 555-0188',
  '5550188',
  '512.555.0188',
  '4111 1111 1111 1111',
  '4111-1111-1111-1111',
  '2026 5550188',
])('takes "%s" out', (personal) => {
  expect(redact(`seats ${personal}`)).toBe('seats [redacted]');
  expect(redact(`${personal} seats`)).toBe('[redacted] seats');
});

test.each([
  'jazz tonight',
  'blink 182',
  '2026-11-28',
  '28.11.2026',
  '11/28/2026',
  'maroon 5 @ the blue room',
  '1999',
  'route 66 1955',
  'über 30 müde',
])('leaves "%s"', (text) => {
  expect(redact(text)).toBe(text);
});

test('takes out each of several', () => {
  expect(redact('a@b.c or d@e.f, 5550188')).toBe('[redacted] or [redacted] [redacted]');
  expect(redact('/fans/ann@example.com/shows/5550188')).toBe('/fans/[redacted]/shows/[redacted]');
});
