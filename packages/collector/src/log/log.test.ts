import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { anEntry } from '../testing/rows.ts';
import { aFolder } from '../testing/temporary.ts';
import { type Disk, openDisk } from './disk.ts';
import { DiskFull, LogBusy, LogFailed, LogFull, type LogOptions, openLog as openAnyLog } from './log.ts';
import { decodeSegment, encodeRecords } from './record.ts';

const MEGABYTE = 1024 * 1024;

async function openLog(options: LogOptions) {
  const log = await openAnyLog(options);
  onTestFinished(log.close);
  return log;
}

async function aLog(overrides: Partial<LogOptions> = {}) {
  const folder = await aFolder();
  const disk = await openDisk(folder);
  const open = () => openLog({ disk, maxBytes: MEGABYTE, ...overrides });
  return { folder, disk, open, log: await open() };
}

const keysIn = async (folder: string, name: string) =>
  decodeSegment(await readFile(join(folder, name)))
    .records.slice(1)
    .map(({ key }) => key);

test('has an entry on disk when append resolves', async () => {
  const { folder, log } = await aLog();
  const entry = anEntry();

  await log.append([entry]);

  const [name = ''] = await readdir(folder);
  expect(await keysIn(folder, name)).toEqual([entry.key]);
});

test('writes what comes during a sync as one group, in order', async () => {
  let syncs = 0;
  const disk = withFiles(await openDisk(await aFolder()), (file) => ({
    ...file,
    sync: () => {
      syncs += 1;
      return file.sync();
    },
  }));
  const log = await openLog({ disk, maxBytes: MEGABYTE });
  const entries = Array.from({ length: 50 }, () => anEntry());

  await Promise.all(entries.map((entry) => log.append([entry])));
  await log.seal();

  expect(syncs).toBeLessThanOrEqual(2);
  const { records } = decodeSegment(await disk.read(log.oldest()?.name ?? ''));
  expect(records.slice(1).map(({ key }) => key)).toEqual(entries.map(({ key }) => key));
});

test('seals a segment that is full and goes on in the next', async () => {
  const { log } = await aLog({ maxSegmentRows: 2 });

  await log.append([anEntry(), anEntry()]);
  await log.append([anEntry()]);

  expect(log.oldest()?.rows).toBe(2);
  expect(log.current()?.rows).toBe(1);
});

test('keeps unstored segments over a restart and gives them in order', async () => {
  const { log, open } = await aLog({ maxSegmentRows: 1 });
  await log.append([anEntry()]);
  await log.append([anEntry()]);
  const first = log.oldest();

  const again = await open();

  expect(again.oldest()).toEqual({ ...first, isInherited: true });
  await again.remove(again.oldest() ?? never());
  expect(again.oldest()?.rows).toBe(1);
  await again.remove(again.oldest() ?? never());
  expect([again.oldest(), again.bytes(), again.since()]).toEqual([undefined, 0, undefined]);
});

test('forgets a segment whose removal the disk reports as failed, though the file is gone', async () => {
  const disk = await openDisk(await aFolder());
  const failing: Disk = {
    ...disk,
    async remove(name) {
      await disk.remove(name);
      throw new Error('EIO: the folder cannot be synced');
    },
  };
  const log = await openLog({ disk: failing, maxBytes: MEGABYTE, maxSegmentRows: 1 });
  await log.append([anEntry()]);
  const segment = log.oldest() ?? never();

  await expect(log.remove(segment)).rejects.toThrow('EIO');

  expect(log.oldest()).toBeUndefined();
});

test('writes anew what the last run may not have synced, unless a plan says that it was', async () => {
  const { disk, log } = await aLog({ maxSegmentRows: 1 });
  await log.append([anEntry()]);
  await log.append([anEntry()]);
  const written: string[] = [];
  const watched: Disk = {
    ...disk,
    write(name, bytes) {
      written.push(name);
      return disk.write(name, bytes);
    },
  };

  const again = await openLog({ disk: watched, maxBytes: MEGABYTE });
  expect(written).toEqual(['000000000001.log', '000000000002.log']);
  expect(again.oldest()?.rows).toBe(1);

  await disk.write('000000000002.log.plan', Buffer.from('a plan'));
  await openLog({ disk: watched, maxBytes: MEGABYTE });
  expect(written).toEqual(['000000000001.log', '000000000002.log', '000000000001.log']);
});

test('gives segments that were planned before those that were not', async () => {
  const { disk, log, open } = await aLog({ maxSegmentRows: 1 });
  await log.append([anEntry()]);
  await log.append([anEntry()]);
  await disk.write('000000000002.log.plan', Buffer.from('a plan'));

  const again = await open();

  expect(again.oldest()?.name).toBe('000000000002.log');
  await again.remove(again.oldest() ?? never());
  expect(again.oldest()?.name).toBe('000000000001.log');
});

test('cuts a torn tail off and keeps every record before it', async () => {
  const { folder, log, open } = await aLog();
  await log.append([anEntry(), anEntry()]);
  const [name = ''] = await readdir(folder);
  await appendFile(join(folder, name), 'c0ffee00 i demo/half {"ty');

  const again = await open();

  expect(again.oldest()?.rows).toBe(2);
  expect(await keysIn(folder, name)).toHaveLength(2);
  expect(decodeSegment(await readFile(join(folder, name))).state).toBe('whole');
});

test('sets a segment with damage in the middle aside, whole, and goes on with its intact records', async () => {
  const { folder, disk, log, open } = await aLog();
  const entries = [anEntry(), anEntry(), anEntry()];
  await log.append(entries);
  const [name = ''] = await readdir(folder);
  const bytes = await readFile(join(folder, name));
  const at = bytes.indexOf(entries[1]?.key ?? '');
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(join(folder, name), bytes);

  const again = await open();

  expect(again.damaged).toEqual([{ name: `${name}.damaged`, saved: 2, wasAttempted: false }]);
  expect(await readFile(join(folder, `${name}.damaged`))).toEqual(bytes);
  const copy = decodeSegment(await disk.read(again.oldest()?.name ?? '')).records.slice(1);
  // The database may have them: each is looked up.
  expect(copy.map(({ kind, key }) => [kind, key])).toEqual([
    ['d', entries[0]?.key],
    ['d', entries[2]?.key],
  ]);
});

test('says when a damaged segment had been tried before', async () => {
  const { folder, disk, log, open } = await aLog();
  await log.append([anEntry(), anEntry(), anEntry()]);
  const [name = ''] = await readdir(folder);
  await disk.write(`${name}.plan`, Buffer.from('a plan'));
  const bytes = await readFile(join(folder, name));
  bytes[300] = (bytes[300] ?? 0) ^ 1;
  await writeFile(join(folder, name), bytes);

  expect((await open()).damaged).toMatchObject([{ wasAttempted: true }]);
});

test.each([
  ['in its last record', (bytes: Buffer) => bytes.subarray(0, bytes.byteLength - 5)],
  ['between two records', (bytes: Buffer) => bytes.subarray(0, bytes.lastIndexOf(10, -2) + 1)],
  ['before all of them', () => Buffer.alloc(0)],
])(
  'sets a planned segment aside that was cut off %s: it was whole when its plan was made',
  async (_, cut) => {
    const { folder, disk, log, open } = await aLog();
    await log.append([anEntry()]);
    await log.append([anEntry()]);
    const [name = ''] = await readdir(folder);
    const bytes = await readFile(join(folder, name));
    const { id } = (await open()).oldest() ?? never();
    const plan = { token: id, planned_at: 0, bytes: bytes.byteLength, duplicates: [], refused: [] };
    await disk.write(`${name}.plan`, encodeRecords([{ kind: 'h', key: id, json: JSON.stringify(plan) }]));
    const left = cut(bytes);
    await writeFile(join(folder, name), left);

    const again = await open();

    const saved = left.byteLength === 0 ? 0 : 1;
    expect(again.damaged).toEqual([{ name: `${name}.damaged`, saved, wasAttempted: true }]);
    expect(await readFile(join(folder, `${name}.damaged`))).toEqual(left);
    expect(again.inherited().map(({ rows }) => rows)).toEqual(saved === 0 ? [] : [1]);
  },
);

test('gives no segment the number of one that was set aside, or left its plan', async () => {
  const { disk, open } = await aLog();
  await disk.write('000000000003.log.damaged', Buffer.from('of an earlier year'));
  await disk.write('000000000007.log.plan', Buffer.from('carried out'));

  const log = await open();
  await log.append([anEntry()]);

  expect(await disk.list()).toContain('000000000008.log');
});

test('goes on when a sealed file cannot be closed: its records are synced', async () => {
  const disk = await openDisk(await aFolder());
  const log = await openLog({
    maxBytes: MEGABYTE,
    disk: withFiles(disk, (file) => ({
      ...file,
      async close() {
        await file.close();
        throw new Error('EIO');
      },
    })),
  });
  await log.append([anEntry()]);

  await log.seal();
  await log.append([anEntry()]);

  expect([log.oldest()?.rows, log.current()?.rows]).toEqual([1, 1]);
});

test('leaves no file behind when a new segment cannot even begin', async () => {
  const folder = await aFolder();
  const disk = await openDisk(folder);
  let full = true;
  const log = await openLog({
    maxBytes: MEGABYTE,
    disk: withFiles(disk, (file) => ({
      ...file,
      append: (bytes) => (full ? Promise.reject(new Error('ENOSPC')) : file.append(bytes)),
    })),
  });

  await expect(log.append([anEntry()])).rejects.toThrow(LogFailed);
  await expect(log.append([anEntry()])).rejects.toThrow(LogFailed);
  expect(await readdir(folder)).toEqual([]);
  full = false;
  await log.append([anEntry()]);
  expect(log.current()?.rows).toBe(1);
});

test('refuses a group whose sync fails, keeps those before it, and never syncs that file again', async () => {
  const disk = await openDisk(await aFolder());
  let broken = false;
  const syncsAfterFailure: number[] = [];
  let files = 0;
  const log = await openLog({
    maxBytes: MEGABYTE,
    disk: withFiles(disk, (file) => {
      files += 1;
      const number = files;
      let hasFailed = false;
      return {
        ...file,
        async sync() {
          if (hasFailed) syncsAfterFailure.push(number);
          if (broken) {
            hasFailed = true;
            throw new Error('EIO');
          }
          await file.sync();
        },
      };
    }),
  });
  const [before, refused, after] = [anEntry(), anEntry(), anEntry()];
  await log.append([before]);

  broken = true;
  await expect(log.append([refused])).rejects.toThrow(LogFailed);
  broken = false;
  await log.append([after]);
  await log.seal();

  const kept: string[] = [];
  for (let segment = log.oldest(); segment; segment = log.oldest()) {
    const bytes = await disk.read(segment.name);
    kept.push(
      ...decodeSegment(bytes.subarray(0, segment.bytes))
        .records.slice(1)
        .map(({ key }) => key),
    );
    await log.remove(segment);
  }
  expect(kept).toEqual([before.key, after.key]);
  expect(files).toBe(2);
  expect(syncsAfterFailure).toEqual([]);
});

test('refuses a group that the disk takes only half of, and a reader never sees that half', async () => {
  const disk = await openDisk(await aFolder());
  let full = false;
  const log = await openLog({
    maxBytes: MEGABYTE,
    disk: withFiles(disk, (file) => ({
      ...file,
      async append(bytes) {
        await file.append(full ? bytes.subarray(0, bytes.byteLength / 2) : bytes);
        if (full) throw new Error('ENOSPC');
      },
    })),
  });
  await log.append([anEntry()]);

  full = true;
  await expect(log.append([anEntry()])).rejects.toThrow('The log cannot be written: Error: ENOSPC');
  expect(log.failure()?.message).toContain('ENOSPC');

  const segment = log.oldest() ?? never();
  expect(decodeSegment(await disk.read(segment.name))).toMatchObject({
    state: 'whole',
    validBytes: segment.bytes,
  });
});

test('writes what gathered while the disk hung in groups of bounded size, in order', async () => {
  const disk = await openDisk(await aFolder());
  const sizes: number[] = [];
  const log = await openLog({
    maxBytes: 100 * MEGABYTE,
    disk: withFiles(disk, (file) => ({
      ...file,
      append(bytes) {
        sizes.push(bytes.byteLength);
        return file.append(bytes);
      },
    })),
  });
  const entries = Array.from({ length: 10 }, () => ({
    ...anEntry(),
    json: JSON.stringify({ text: 'é'.repeat(MEGABYTE / 2) }),
  }));

  await Promise.all(entries.map((entry) => log.append([entry])));
  await log.seal();

  expect(Math.max(...sizes)).toBeLessThanOrEqual(4 * MEGABYTE);
  const { records } = decodeSegment(await disk.read(log.oldest()?.name ?? ''));
  expect(records.slice(1).map(({ key }) => key)).toEqual(entries.map(({ key }) => key));
});

test('holds no more in memory than its limit while the disk hangs, and takes again when it goes on', async () => {
  let goOn = () => {};
  const hanging = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const disk = await openDisk(await aFolder());
  const log = await openLog({
    maxBytes: 100 * MEGABYTE,
    maxWaitingBytes: MEGABYTE,
    disk: withFiles(disk, (file) => ({ ...file, sync: () => hanging.then(file.sync) })),
  });
  const large = () => ({ ...anEntry(), json: JSON.stringify({ text: 'x'.repeat(MEGABYTE / 3) }) });

  const answers = Promise.allSettled(Array.from({ length: 10 }, () => log.append([large()])));
  await expect(log.append([large()])).rejects.toBeInstanceOf(LogBusy);
  expect(log.failure()).toBeUndefined();
  goOn();

  const taken = (await answers).filter(({ status }) => status === 'fulfilled');
  expect(taken.length).toBeGreaterThan(0);
  expect(taken.length).toBeLessThan(10);
  await log.append([large()]);
  expect(log.current()?.rows).toBe(taken.length + 1);
});

test('says that it is full before anything is appended, until a segment is gone', async () => {
  const { log } = await aLog({ maxBytes: MEGABYTE });
  const filling = (bytes: number) => ({ ...anEntry(), json: JSON.stringify({ text: 'x'.repeat(bytes) }) });
  await log.append([filling(0.98 * MEGABYTE)]);
  expect(log.whyFull()).toBeUndefined();

  await log.append([filling(0.011 * MEGABYTE)]);

  expect(log.whyFull()).toBeInstanceOf(LogFull);
  expect(log.failure()?.message).toContain(`its limit is ${MEGABYTE}`);
  await log.seal();
  await log.remove(log.oldest() ?? never());
  expect(log.whyFull()).toBeUndefined();
  expect(log.failure()).toBeUndefined();
});

test('says that the disk is full before anything is appended', async () => {
  let isKept = false;
  const { log } = await aLog({ reserve: { isKept: () => isKept } });

  expect(log.whyFull()).toBeInstanceOf(DiskFull);
  isKept = true;
  expect(log.whyFull()).toBeUndefined();
});

test('removes what the last run did not finish writing', async () => {
  const { folder, open } = await aLog();
  await writeFile(join(folder, '000000000001.log.plan.tmp'), 'half');

  await open();

  expect(await readdir(folder)).toEqual([]);
});

test('refuses more than its limit and takes again when a segment is gone', async () => {
  const { log } = await aLog({ maxBytes: 1_500 });
  await log.append([anEntry()]);
  await log.append([anEntry()]);

  await expect(log.append([anEntry()])).rejects.toThrow(LogFull);
  expect(log.failure()?.message).toContain('its limit is 1500');
  await log.seal();
  await log.remove(log.oldest() ?? never());
  expect(log.failure()).toBeUndefined();

  await log.append([anEntry()]);
  expect(log.current()?.rows).toBe(1);
});

function withFiles(
  disk: Disk,
  wrap: (file: Awaited<ReturnType<Disk['create']>>) => Awaited<ReturnType<Disk['create']>>,
): Disk {
  return { ...disk, create: async (name) => wrap(await disk.create(name)) };
}

function never(): never {
  throw new Error('There is no segment.');
}
