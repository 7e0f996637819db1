/** How many rows a Parquet file has, as its end says: in Thrift's compact form, of which this reads no more than that. */
import { open } from 'node:fs/promises';

/** The length of what describes the file, and the name of the format. */
const TAIL_BYTES = 8;
/** `num_rows` in the description. */
const ROWS_FIELD = 3;
const [TRUE, FALSE, BYTE, DOUBLE, BINARY, LIST, SET, STRUCT] = [1, 2, 3, 7, 8, 9, 10, 12];

/** @throws Error when it is no Parquet file. */
export async function parquetRows(path: string): Promise<number> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const tail = Buffer.alloc(TAIL_BYTES);
    if (size > TAIL_BYTES) await file.read(tail, 0, TAIL_BYTES, size - TAIL_BYTES);
    const length = tail.readUInt32LE(0);
    if (tail.toString('latin1', 4) !== 'PAR1' || length + TAIL_BYTES > size)
      throw new Error(`${path} is no whole Parquet file.`);
    const description = Buffer.alloc(length);
    await file.read(description, 0, length, size - TAIL_BYTES - length);
    return rowsIn(description);
  } finally {
    await file.close();
  }
}

function rowsIn(bytes: Buffer): number {
  let at = 0;
  const byte = () => bytes.readUInt8(at++);
  function number(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const next = byte();
      value |= BigInt(next & 0x7f) << shift;
      if (next < 0x80) return value;
    }
  }
  function skip(type: number): void {
    if (type === BYTE) at += 1;
    else if (type === DOUBLE) at += 8;
    else if (type === BINARY) {
      const length = Number(number());
      at += length;
    } else if (type === LIST || type === SET) {
      const head = byte();
      const length = head >> 4 === 15 ? Number(number()) : head >> 4;
      const of = head & 15;
      // In a list a truth takes a byte of its own.
      for (let item = 0; item < length; item += 1) skip(of === TRUE || of === FALSE ? BYTE : of);
    } else if (type === STRUCT) fields((_, of) => skip(of));
    else if (type !== TRUE && type !== FALSE) number();
  }
  function fields(act: (field: number, type: number) => void): void {
    for (let field = 0, head = byte(); head !== 0; head = byte()) {
      field = head >> 4 === 0 ? unzigzag(number()) : field + (head >> 4);
      act(field, head & 15);
    }
  }
  let rows = 0;
  fields((field, type) => {
    if (field === ROWS_FIELD) rows = unzigzag(number());
    else skip(type);
  });
  return rows;
}

const unzigzag = (value: bigint) => Number((value >> 1n) ^ -(value & 1n));
