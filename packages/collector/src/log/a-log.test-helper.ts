import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { aFolder } from '../testing/temporary.ts';
import { type Disk, openDisk } from './disk.ts';
import { type LogOptions, openLog as openAnyLog } from './log.ts';
import { decodeSegment } from './record.ts';

export const MEGABYTE = 1024 * 1024;

export async function openLog(options: LogOptions) {
  const log = await openAnyLog(options);
  onTestFinished(log.close);
  return log;
}

export async function aLog(overrides: Partial<LogOptions> = {}) {
  const folder = await aFolder();
  const disk = await openDisk(folder);
  const open = () => openLog({ disk, maxBytes: MEGABYTE, ...overrides });
  return { folder, disk, open, log: await open() };
}

export const keysIn = async (folder: string, name: string) =>
  decodeSegment(await readFile(join(folder, name)))
    .records.slice(1)
    .map(({ key }) => key);

export function withFiles(
  disk: Disk,
  wrap: (file: Awaited<ReturnType<Disk['create']>>) => Awaited<ReturnType<Disk['create']>>,
): Disk {
  return { ...disk, create: async (name) => wrap(await disk.create(name)) };
}

export function never(): never {
  throw new Error('There is no segment.');
}
