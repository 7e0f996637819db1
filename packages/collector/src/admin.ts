import { isAbsolute } from 'node:path';
import { train } from '@turnout/schema/train';
import { verify } from '@turnout/schema/verify';
import { type Context, Hono } from 'hono';
import { stream } from 'hono/streaming';
import { makeBackup } from './backup.ts';
import { readBody } from './body.ts';
import type { CollectorDependencies } from './dependencies.ts';
import { importLines, MAX_IMPORT_BYTES, MAX_IMPORT_LINES } from './doors/import-lines.ts';
import { ingestBody } from './ingest.ts';
import type { Disk } from './log/disk.ts';
import type { Exclusive } from './privacy/exclusive.ts';
import type { RemovalReceipt } from './privacy/site-removal.ts';
import { Problem } from './problem.ts';
import type { RepairNote } from './repair-note.ts';
import { bearerOf, isSecret } from './secret.ts';
import { settleWriter } from './settle-writer.ts';
import type { Tail } from './tail.ts';
import { streamTail } from './tail-route.ts';
import type { WritableDatabase } from './writable-database.ts';
import { writerOf } from './write-access.ts';
import type { Writer } from './writer.ts';

export interface AdminOptions {
  token: string;
  dependencies: CollectorDependencies;
  database: WritableDatabase;
  writer: Writer;
  /** The log's folder. */
  disk: Disk;
  repairNote: RepairNote;
  exclusive: Exclusive;
  /** The data directory. */
  folder: string;
  isEmbedded: boolean;
  /** True when the secret of the data directory is the one in use. */
  hasOwnSecret: boolean;
  /** Erases all that a site sent. */
  removeSite(siteId: string, onProgress: (step: object) => void, isKnown: boolean): Promise<RemovalReceipt>;
  tail: Tail;
}

/** What the commands ask of a running collector. Everything here wants the admin token. */
export function createAdmin({
  token,
  dependencies,
  database,
  writer,
  disk,
  repairNote,
  exclusive,
  folder,
  isEmbedded,
  hasOwnSecret,
  removeSite,
  tail,
}: AdminOptions): Hono {
  const admin = new Hono();
  let isTraining = false;

  admin.use('/v1/admin/*', async (c, next) => {
    if (!isSecret(bearerOf(c.req.header('Authorization')), token)) {
      throw new Problem(
        401,
        'token_wrong',
        'This address wants "Authorization: Bearer <admin token>". The token is in run.json of the data directory, or TURNOUT_ADMIN_TOKEN.',
      );
    }
    await next();
  });

  // History of any age, looked up row by row: the same import twice counts once.
  admin.post('/v1/admin/import', async (c) => {
    // No limits here: whoever has the admin token set them.
    const { site } = writerOf(dependencies.sites(), c.req.query('key'), undefined);
    const answer = await ingestBody(dependencies, site, c.req.raw, {
      attempt: undefined,
      sentAt: undefined,
      userAgent: c.req.header('User-Agent') ?? '',
      address: '',
      isBulk: true,
    });
    return c.json(answer, 202);
  });

  admin.post('/v1/admin/import-lines', async (c) => {
    const { site } = writerOf(dependencies.sites(), c.req.query('key'), undefined);
    const lines = (await readBody(c.req.raw, MAX_IMPORT_BYTES)).split('\n');
    if (lines.length > MAX_IMPORT_LINES + 1)
      throw new Problem(413, 'too_large', `A request holds at most ${MAX_IMPORT_LINES} lines: split it.`);
    return c.json(await importLines(dependencies, site, lines), 202);
  });

  admin.post('/v1/admin/tail', (c) => streamTail(c, tail));

  admin.post('/v1/admin/verify', (c) => {
    const repair = c.req.query('repair') === 'true';
    exclusive.requireNoLongWait();
    return tell(c, (onProgress) =>
      exclusive.run(async () => {
        try {
          await settleWriter(writer, disk);
          const verification = await verify(database, { repair, onProgress });
          if (verification.ok) await repairNote.clear();
          return { verification };
        } finally {
          writer.resume();
        }
      }),
    );
  });

  admin.post('/v1/admin/backup', (c) => {
    const to = c.req.query('to') ?? '';
    if (!isAbsolute(to))
      throw new Problem(400, 'folder_wrong', 'Say where with "?to=<the absolute path of an empty folder>".');
    exclusive.requireNoLongWait();
    return tell(c, (onProgress) =>
      exclusive.run(async () => ({
        manifest: await makeBackup(to, {
          folder,
          database,
          isEmbedded,
          hasOwnSecret,
          writer,
          disk,
          onProgress,
        }),
      })),
    );
  });

  // The writer goes on: training reads days that have passed, and writes a table that no view feeds.
  admin.post('/v1/admin/train', (c) => {
    const days = c.req.query('days') ?? '7';
    if (!/^([1-9]|[1-8]\d|90)$/.test(days))
      throw new Problem(
        400,
        'days_wrong',
        `"days" must be a whole number from 1 to 90, but it is "${days}".`,
      );
    if (isTraining)
      throw new Problem(503, 'training', 'A training is running already. Wait for it to end.', 10);
    isTraining = true;
    return tell(c, async (onProgress) => {
      try {
        return { trainings: await train(database, { horizonDays: Number(days), onProgress }) };
      } finally {
        isTraining = false;
      }
    });
  });

  admin.post('/v1/admin/remove-site', (c) => {
    const siteId = c.req.query('site') ?? '';
    // Whoever took it out of the sites file knows that there was such a site, if without a row.
    const isKnown = c.req.query('listed') === 'true';
    exclusive.requireNoLongWait();
    return tell(c, (onProgress) =>
      exclusive.run(async () => ({ receipt: await removeSite(siteId, onProgress, isKnown) })),
    );
  });

  return admin;
}

/** Answers with lines of JSON: `{"progress":…}` while `work` runs, then what it returns, or `{"error":…}`. */
function tell(c: Context, work: (onProgress: (progress: object) => void) => Promise<object>): Response {
  return stream(c, async (out) => {
    const say = (line: object) => out.writeln(JSON.stringify(line));
    try {
      await say(await work((progress) => void say({ progress })));
    } catch (error) {
      await say({ error: error instanceof Error ? error.message : String(error) });
    }
  });
}
