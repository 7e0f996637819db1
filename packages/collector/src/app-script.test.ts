import { expect, test } from 'vitest';
import { aCollector } from './testing/collector.ts';

test.each(['br', 'gzip'] as const)('serves the script packed with %s to whom it helps', async (encoding) => {
  const { app } = aCollector();

  const packed = await app.request('/t.js', { headers: { 'Accept-Encoding': `deflate, ${encoding}` } });

  expect(packed.headers.get('Content-Encoding')).toBe(encoding);
  expect(packed.headers.get('Vary')).toContain('Accept-Encoding');
  expect(await packed.text()).toBe(`packed with ${encoding}`);
});

test('serves the script with a tag to revalidate by', async () => {
  const { app } = aCollector();

  const first = await app.request('/t.js');
  const again = await app.request('/t.js', { headers: { 'If-None-Match': first.headers.get('ETag') ?? '' } });

  expect(await first.text()).toBe('/* t.js */');
  expect(first.headers.get('Content-Type')).toContain('text/javascript');
  expect(again.status).toBe(304);
});

test.each([
  ['/t.js', 'public, max-age=3600'],
  ['/t-debug.js', 'public, max-age=3600'],
  ['/t-0.1.0.js', 'public, max-age=31536000, immutable'],
])('lets %s be kept as long as it stays the same', async (path, cache) => {
  const response = await aCollector().app.request(path);

  expect(await response.text()).toBe(`/* ${path.slice(1)} */`);
  expect(response.headers.get('Cache-Control')).toBe(cache);
  expect(response.headers.get('Access-Control-Allow-Origin')).toBe('*');
});

test.each(['/t-9.9.9.js', '/t-../../etc/passwd.js', '/app.js'])('has nothing at %s', async (path) => {
  expect((await aCollector().app.request(path)).status).toBe(404);
});
