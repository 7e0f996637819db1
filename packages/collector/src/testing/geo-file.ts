import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { aFolder } from './temporary.ts';

type Value = string | number | { [key: string]: Value } | Value[];

const RECORD_BYTES = 3;
const SEPARATOR_BYTES = 16;
const IPV4_BITS = 96; // IPv4 lies at the far left of the tree: 96 zeros lead to it.

/**
 * Writes an `.mmdb` file (https://maxmind.github.io/MaxMind-DB/) that knows these networks.
 *
 * @param networks - Such as `{ '203.0.113.0/24': { country: { iso_code: 'GB' } } }`; IPv6 as its groups in full.
 */
export async function aGeoFile(networks: Record<string, Value>, ipVersion: 4 | 6 = 6): Promise<string> {
  const nodes: (number | undefined)[][] = [[undefined, undefined]];
  const data: Buffer[] = [];
  const offsets = new Map<number, number>();
  let dataBytes = 0;
  for (const [index, [network, record]] of Object.entries(networks).entries()) {
    const encoded = encode(record);
    offsets.set(index, dataBytes);
    dataBytes += encoded.byteLength;
    data.push(encoded);
    const bits = bitsOf(network, ipVersion);
    let node = 0;
    for (const [depth, bit] of bits.entries()) {
      const pair = nodes[node] as (number | undefined)[];
      if (depth === bits.length - 1) {
        pair[bit] = -1 - index;
        break;
      }
      pair[bit] ??= nodes.push([undefined, undefined]) - 1;
      node = pair[bit] as number;
    }
  }
  const tree = Buffer.alloc(nodes.length * 2 * RECORD_BYTES);
  for (const [at, target] of nodes.flat().entries()) {
    const value =
      target === undefined
        ? nodes.length
        : target >= 0
          ? target
          : nodes.length + SEPARATOR_BYTES + (offsets.get(-1 - target) as number);
    tree.writeUIntBE(value, at * RECORD_BYTES, RECORD_BYTES);
  }
  const metadata = encode({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_770_000_000,
    database_type: 'Test-City',
    description: { en: 'made for a test' },
    ip_version: ipVersion,
    languages: ['en'],
    node_count: nodes.length,
    record_size: RECORD_BYTES * 8,
  });
  const marker = Buffer.concat([Buffer.from([0xab, 0xcd, 0xef]), Buffer.from('MaxMind.com')]);
  const path = join(await aFolder(), 'places.mmdb');
  await writeFile(path, Buffer.concat([tree, Buffer.alloc(SEPARATOR_BYTES), ...data, marker, metadata]));
  return path;
}

function bitsOf(network: string, ipVersion: 4 | 6): number[] {
  const [address = '', length] = network.split('/');
  const isIPv4 = address.includes('.');
  const groups = address.split(isIPv4 ? '.' : ':').map((group) => Number.parseInt(group, isIPv4 ? 10 : 16));
  const bits = groups.flatMap((group) => [...group.toString(2).padStart(isIPv4 ? 8 : 16, '0')].map(Number));
  const path = bits.slice(0, Number(length));
  return isIPv4 && ipVersion === 6 ? [...Array<number>(IPV4_BITS).fill(0), ...path] : path;
}

/** A control byte (type and size), then the value. No test needs more than 28 bytes or fields. */
function encode(value: Value): Buffer {
  if (typeof value === 'string')
    return Buffer.concat([Buffer.from([(2 << 5) | Buffer.byteLength(value)]), Buffer.from(value)]);
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return Buffer.concat([Buffer.from([(6 << 5) | 4]), bytes]);
  }
  if (Array.isArray(value)) return Buffer.concat([Buffer.from([value.length, 11 - 7]), ...value.map(encode)]);
  const fields = Object.entries(value);
  return Buffer.concat([Buffer.from([(7 << 5) | fields.length]), ...fields.flat().map(encode)]);
}
