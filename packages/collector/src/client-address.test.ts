import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clientAddress, isLoopback, networkOf } from './client-address.ts';

test('without trusted proxies the header proves nothing', () => {
  expect(clientAddress('203.0.113.7', '198.51.100.1', 0)).toBe('198.51.100.1');
});

test.each([
  // One proxy: it appended whom it was called by.
  ['203.0.113.7', 1, '203.0.113.7'],
  ['6.6.6.6, 203.0.113.7', 1, '203.0.113.7'],
  // Two: the outer one appended the sender, the inner one the outer.
  ['203.0.113.7, 192.0.2.10', 2, '203.0.113.7'],
  ['6.6.6.6,  127.0.0.1 ,203.0.113.7 ,192.0.2.10', 2, '203.0.113.7'],
])('reads %j with %i trusted proxies as %s, whatever stands further left', (header, proxies, sender) => {
  expect(clientAddress(header, '10.0.0.1', proxies)).toBe(sender);
});

test.each([undefined, null, '', 'unknown', '203.0.113.7, _hidden', '203.0.113.999', ','])(
  'falls back to the socket where the header is %j',
  (header) => {
    expect(clientAddress(header, '::ffff:10.0.0.1', 1)).toBe('10.0.0.1');
  },
);

test('falls back to the socket where fewer proxies wrote than are trusted', () => {
  expect(clientAddress('203.0.113.7', '10.0.0.1', 2)).toBe('10.0.0.1');
  expect(clientAddress('203.0.113.7', undefined, 2)).toBe('');
});

test.each([
  ['203.0.113.7:51234', '203.0.113.7'],
  ['[2001:db8::7]:51234', '2001:db8::7'],
  ['[2001:db8::7]', '2001:db8::7'],
  ['2001:DB8:0:0:0:0:0:7', '2001:db8::7'],
  ['fe80::1%eth0', 'fe80::1'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['::ffff:cb00:7107', '203.0.113.7'],
  ['[::ffff:203.0.113.7]:80', '203.0.113.7'],
  ['0:0:0:0:0:ffff:203.0.113.7', '203.0.113.7'],
])('reads %s as %s', (entry, address) => {
  expect(clientAddress(entry, '10.0.0.1', 1)).toBe(address);
  expect(clientAddress(undefined, entry, 0)).toBe(address);
});

test.each([
  ['203.0.113.7', '203.0.113.0'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1::'],
  ['2001:db8::6', '2001:db8:0::'],
  ['::1', '0:0:0::'],
  ['', ''],
])('counts %s as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});

test.each(['127.0.0.1', '127.8.9.10', '::1'])('knows %s as this machine', (address) => {
  expect(isLoopback(address)).toBe(true);
});

test.each(['', '128.0.0.1', '10.127.0.1', '::2', '1.127.0.0'])('knows %j as another machine', (address) => {
  expect(isLoopback(address)).toBe(false);
});

test('never throws, whatever is sent', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.ipV6(), fc.ipV4()), fc.nat(5), (header, proxies) => {
      expect(clientAddress(header, '10.0.0.1', proxies)).toMatch(/^[0-9a-f.:]+$/);
    }),
  );
});

test('however an IPv6 address is spelt, it is one sender of one network', () => {
  const group = fc.oneof(fc.constant(0), fc.nat(0xffff));
  // A first group of 0 could make it one of IPv4.
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 0xffff }),
      fc.array(group, { minLength: 7, maxLength: 7 }),
      (first, rest) => {
        const groups = [first, ...rest].map((number) => number.toString(16));
        const inFull = groups.map((text) => text.padStart(4, '0').toUpperCase()).join(':');

        const address = clientAddress(`[${inFull}]:443`, '', 1);

        expect(clientAddress(address, '', 1)).toBe(address);
        expect(clientAddress(groups.join(':'), '', 1)).toBe(address);
        expect(networkOf(address)).toBe(`${groups.slice(0, 3).join(':')}::`);
      },
    ),
  );
});
