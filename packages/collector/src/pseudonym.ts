import { createHmac, randomBytes } from 'node:crypto';
import type { BatchHead } from './judge.ts';
import { utcDate } from './local-date.ts';
import type { Disk } from './log/disk.ts';
import { readKept } from './read-kept.ts';
import type { Site } from './sites.ts';

/** Gives a visitor the number they are known by in the tables: decimal text of a UInt64. */
export type Pseudonym = (
  site: Site,
  batch: BatchHead,
  who: { idDay: string; address: string; userAgent: string },
) => Promise<string>;

/** The salt of a day. */
export type Salts = (day: string) => Promise<string>;

/** A shorter secret could be guessed, and then every pseudonym. */
export const MIN_SECRET_LENGTH = 16;

const SALTS = 'salts.json';
const SALT_DAYS = 15;
const DAY_MS = 86_400_000;

/**
 * A user keeps one key on a site, and so does a visitor: HMAC(secret, site, user or visitor). Without
 * cookies the key is made of address and browser with a salt that lives for one day and is then
 * thrown away: nobody can be followed from one day to the next, nor found again afterwards.
 */
export function createPseudonym(secret: string, saltOf: Salts): Pseudonym {
  return async (site, batch, { idDay, address, userAgent }) => {
    if (batch.cookieless) return keyOf(await saltOf(idDay), site.id, `${address}\n${userAgent}`);
    return batch.user_id === undefined
      ? visitorKey(secret, site.id, batch.visitor_id ?? '')
      : personKey(secret, site.id, batch.user_id);
  };
}

/** The key of a signed-in person. */
export const personKey = (secret: string, site: string, userId: string): string =>
  keyOf(secret, site, `user:${userId}`);

/** The key of a visitor who has not signed in. */
export const visitorKey = (secret: string, site: string, visitorId: string): string =>
  keyOf(secret, site, `visitor:${visitorId}`);

function keyOf(secret: string, site: string, who: string): string {
  // JSON keeps the parts apart, whatever characters they hold.
  const digest = createHmac('sha256', secret)
    .update(JSON.stringify([site, who]))
    .digest();
  return digest.readBigUInt64BE(0).toString();
}

/**
 * The day whose salt serves what was recorded on a day. A clock that is off by weeks names one whose salt is gone, or not
 * made yet: today's serves.
 */
export function saltDay(asked: string, now: number): { day: string; oldest: string } {
  const oldest = utcDate(now - SALT_DAYS * DAY_MS);
  const isKept = asked >= oldest && asked <= utcDate(now + DAY_MS);
  return { day: isKept ? asked : utcDate(now), oldest };
}

/** The salts of a folder: each made when its day is first asked for, and thrown away after 15 days. */
export async function openSalts(
  disk: Pick<Disk, 'list' | 'read' | 'write'>,
  now: () => number = Date.now,
): Promise<Salts> {
  const salts = (await readKept<Record<string, string>>(disk, SALTS)) ?? {};
  const save = () => disk.write(SALTS, Buffer.from(JSON.stringify(salts)));
  let saving: Promise<void> = Promise.resolve();

  return async (asked) => {
    const { day, oldest } = saltDay(asked, now());
    const existing = salts[day];
    if (existing) {
      // It may be on its way to the disk: a crash now would split a day in two. One that found no room is written
      // again by whoever asks next.
      saving = saving.catch(save);
      await saving;
      return existing;
    }
    const salt = randomBytes(32).toString('hex');
    salts[day] = salt;
    for (const old of Object.keys(salts)) if (old < oldest) delete salts[old];
    saving = saving.then(save, save); // A failed write is the failure of its own request.
    await saving;
    return salt;
  };
}
