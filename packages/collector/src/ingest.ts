import { type Answer, MAX_BODY_BYTES } from '@turnout/schema/wire';
import { readBody } from './body.ts';
import type { CollectorDependencies } from './dependencies.ts';
import { rejectedRow, toRow } from './enrich.ts';
import type { LogEntry } from './intake.ts';
import { judgeBatch } from './judge.ts';
import { utcDate } from './local-date.ts';
import { Problem } from './problem.ts';
import type { Site } from './sites.ts';
import { describeAgent } from './user-agent.ts';
import { countIn } from './warnings.ts';

/** What of a request matters to the batch in it. */
export interface IngestRequest {
  body: ReadableStream<Uint8Array> | null;
  attempt: string | undefined;
  sentAt: string | undefined;
  userAgent: string;
  address: string;
  /** A bulk import: years of history are welcome, and every row is looked up. */
  isBulk?: boolean;
}

/**
 * Takes one batch: parse, judge each interaction alone, enrich, append, answer. When this resolves,
 * every accepted interaction is on disk.
 *
 * @throws Problem when the body is no batch; LogFull, DiskFull or LogFailed when nothing could be taken.
 */
export async function ingest(
  dependencies: CollectorDependencies,
  site: Site,
  request: IngestRequest,
): Promise<Answer> {
  const { metrics, now = Date.now } = dependencies;
  const json = parse(await readBody(request.body, MAX_BODY_BYTES));
  const times = { receivedAt: now(), sentAt: clockOf(request.sentAt), isBulk: request.isBulk ?? false };
  const judged = judgeBatch(json, site, times);
  if ('problem' in judged)
    throw new Problem(judged.status, judged.status === 413 ? 'too_large' : 'not_a_batch', judged.problem);

  const { batch, accepted, rejected, warnings } = judged;
  const attempt = attemptOf(request.attempt);
  const agent = describeAgent(request.userAgent);
  const warn = countIn(warnings);
  const userKeyOn = async (idDay: string) =>
    dependencies.userKey(site, batch, { idDay, address: request.address, userAgent: request.userAgent });

  const entries: LogEntry[] = [];
  for (const { interaction } of accepted) {
    const userKey = await userKeyOn(utcDate(interaction.occurred_at));
    const row = toRow(interaction, batch, { ...times, site, attempt, userKey, agent, warn });
    // A retry, an import and an order (which the back end reports too) may be stored already. So may what
    // comes from someone who does not say which attempt it is, such as curl.
    const isDoubtful =
      attempt > 0 || request.attempt === undefined || request.isBulk || row.order_id !== undefined;
    entries.push({ kind: isDoubtful ? 'd' : 'i', key: `${site.id}/${row.id}`, json: JSON.stringify(row) });
  }
  for (const rejection of rejected) {
    const userKey = await userKeyOn(utcDate(times.receivedAt));
    const row = rejectedRow(rejection, batch, { site, receivedAt: times.receivedAt, userKey });
    entries.push({
      kind: 'r',
      key: `${site.id}/${batch.batch_id}#${rejection.index}`,
      json: JSON.stringify(row),
    });
  }

  const { duplicates } = await dependencies.intake.take(entries);
  metrics.accepted(site.id, accepted.length);
  if (duplicates > 0) metrics.duplicates(site.id, duplicates);
  for (const { code } of rejected) metrics.rejected(code, 1);
  for (const [code, times] of warnings) metrics.warned(code, times);
  // A batch that came before, as all its interactions did, has said so before.
  const isRepeated = duplicates > 0 && duplicates === entries.length;
  if (batch.dropped && !isRepeated) metrics.dropped(site.id, batch.dropped);
  return {
    accepted: accepted.length,
    rejected: rejected.map(({ index, id, code, message }) => ({ index, id, code, message })),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Problem(
      400,
      'not_json',
      `The body is no JSON: ${error instanceof Error ? error.message.slice(0, 200) : ''}`,
    );
  }
}

const MAX_ATTEMPT = 255;

/** Whoever cannot say which attempt this is may be repeating one. */
function attemptOf(text: string | undefined): number {
  if (text === undefined) return 0;
  return /^\d{1,6}$/.test(text) ? Math.min(Number(text), MAX_ATTEMPT) : 1;
}

function clockOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : undefined;
}
