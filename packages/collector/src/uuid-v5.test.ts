import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { uuidV5 } from './uuid-v5.ts';

const DNS = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';

test('gives the id that the RFC gives', () => {
  expect(uuidV5(DNS, 'www.example.com')).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2');
});

test('agrees with the SHA-1 of Node for names of any length', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.string({ unit: 'binary', maxLength: 200 }), (namespace, name) => {
      const bytes = Buffer.concat([Buffer.from(namespace.replaceAll('-', ''), 'hex'), Buffer.from(name)]);
      const hash = createHash('sha1').update(bytes).digest();
      hash[6] = (hash.readUInt8(6) & 0x0f) | 0x50;
      hash[8] = (hash.readUInt8(8) & 0x3f) | 0x80;

      expect(uuidV5(namespace, name).replaceAll('-', '')).toBe(hash.toString('hex', 0, 16));
    }),
  );
});
