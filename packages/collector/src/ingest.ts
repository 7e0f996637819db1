import {
  type Answer,
  type Interaction,
  MAX_BODY_BYTES,
  type RejectedInteraction,
} from '@turnout/schema/wire';
import type { Sent } from './body.ts';
import type { CollectorDependencies } from './dependencies.ts';
import { batchColumns, type Facts, ownColumns, rejectedRow } from './enrich.ts';
import { entityEntry, learnedEntities, linkEntry } from './facts.ts';
import { failTogether } from './fail-together.ts';
import type { LogEntry } from './intake.ts';
import { type Judgement, judgeBatch } from './judge.ts';
import { type Stamp, stampOf } from './knowledge.ts';
import { learnTraits } from './learn-traits.ts';
import { utcDate } from './local-date.ts';
import { orderReportOf, tellerOf } from './order-report.ts';
import { Problem } from './problem.ts';
import { readJson } from './read-json.ts';
import { columnsJson, rowJson } from './row-json.ts';
import type { Site } from './sites.ts';
import type { Times } from './times.ts';
import { describeAgent } from './user-agent.ts';
import { countIn } from './warnings.ts';

/** What of a request matters to the batch in it, beside its body. */
export interface IngestRequest {
  attempt: string | undefined;
  sentAt: string | undefined;
  userAgent: string;
  /** The browser says that a program drives it. */
  isAutomated?: boolean;
  address: string;
  /** Where the sender is, as far as the operator's network says. */
  place?: Pick<Stamp, 'city' | 'country'> | undefined;
  /** When it came, where a door has read that from the clock before; ms since 1970. */
  receivedAt?: number | undefined;
  /** A bulk import: years of history are welcome, and every row is looked up. */
  isBulk?: boolean | undefined;
  /** What is kept together with the rows that are taken: by the place, among these rows, of the one that it goes before. */
  besides?: ((rows: readonly KeptRow[]) => ReadonlyMap<number, LogEntry>) | undefined;
  /** Which of them were sent as one, such as the lines of an order: those are taken together or not at all. */
  recordOf?: ((index: number) => number) | undefined;
  /** It belongs to no visit, such as what a back end reports: no session is counted. */
  isOutsideSession?: boolean;
}

/** A row that is about to be kept. */
export interface KeptRow {
  /** The place of its interaction in the batch. */
  index: number;
  /** Its own id: that of an order's line follows from the order. */
  id: string;
}

/**
 * Takes one batch as it was sent: {@link ingest} behind inflating and parsing.
 *
 * @throws Problem when the body is no JSON or too large, and what `ingest` throws.
 */
export async function ingestBody(
  dependencies: CollectorDependencies,
  site: Site,
  sent: Sent,
  request: IngestRequest,
): Promise<Answer> {
  return ingest(dependencies, site, await readJson(sent, MAX_BODY_BYTES), request);
}

/**
 * Takes one batch: judge each interaction alone, enrich, append, answer. When this resolves,
 * every accepted interaction is on disk.
 *
 * @param json - The parsed body.
 * @throws Problem when it is no batch; LogFull, DiskFull or LogFailed when nothing could be taken.
 */
export async function ingest(
  dependencies: CollectorDependencies,
  site: Site,
  json: unknown,
  request: IngestRequest,
): Promise<Answer> {
  const { now = Date.now } = dependencies;
  const { receivedAt = now(), isBulk = false } = request;
  const times = { receivedAt, sentAt: clockOf(request.sentAt), isBulk };
  const each = judgeBatch(json, site, times);
  if ('problem' in each)
    throw new Problem(each.status, each.status === 413 ? 'too_large' : 'not_a_batch', each.problem);
  const judged = request.recordOf ? failTogether(each, request.recordOf) : each;

  // Before anything of it is remembered: what a quota refuses leaves no trace.
  const giveBack = await dependencies.intake.letIn?.(judged.accepted.length);
  const kept = await keep(dependencies, site, judged, request, times).catch(async (error) => {
    await giveBack?.(judged.accepted.length);
    throw error;
  });
  await giveBack?.(kept.erased);
  return kept.answer;
}

/** Keeps what was judged. `erased`: how many were not taken after all. */
async function keep(
  dependencies: CollectorDependencies,
  site: Site,
  { batch, accepted, rejected, warnings }: Judged,
  request: IngestRequest,
  times: Times & { isBulk: boolean },
): Promise<{ answer: Answer; erased: number }> {
  const { metrics } = dependencies;
  const attempt = attemptOf(request.attempt);
  const said = describeAgent(request.userAgent);
  const isInhuman =
    said.browser !== 'unknown' &&
    !site.countAutomation &&
    dependencies.pace?.isInhuman(site.id, batch, interactionsOf(accepted), { ...times, attempt });
  const agent = {
    ...said,
    isBot: said.isBot || isInhuman === true,
    isAutomation: said.isAutomation || request.isAutomated === true,
  };
  const facts: Facts = { ...times, site, attempt, agent, warn: countIn(warnings) };
  const head = batchColumns(batch, facts);
  const userKeys = new Map<string, string>();
  const userKeyOn = async (idDay: string) => {
    const known = userKeys.get(idDay);
    if (known !== undefined) return known;
    const { address, userAgent } = request;
    const userKey = await dependencies.userKey(site, batch, { idDay, address, userAgent });
    userKeys.set(idDay, userKey);
    return userKey;
  };

  const entries: LogEntry[] = [];
  const kept: KeptRow[] = [];
  const learned = new Map<string, LogEntry>();
  const year = new Date(times.receivedAt).getUTCFullYear();
  const { learning } = dependencies;
  // First: who signs in and then looks at an event was that person when they looked.
  if (learning)
    await learnTraits(accepted, site, batch, {
      learning,
      isErased: dependencies.isErased,
      facts: learned,
      userKeyOn,
      year,
      ...times,
    });
  const { caps } = dependencies;
  caps?.apply(site.id, head.received_at, head);
  const headJson = columnsJson(head);
  const pages = (batch.contexts ?? []).map((page) => {
    caps?.apply(site.id, head.received_at, page);
    return columnsJson(page);
  });
  const refused: RejectedInteraction[] = [];
  let isLinked = false;
  for (const { index, interaction } of accepted) {
    const idDay = utcDate(interaction.occurred_at);
    // Waiting costs more than all else that is done here.
    const userKey = userKeys.get(idDay) ?? (await userKeyOn(idDay));
    const person = stampOf(learning?.known.person(site.id, userKey), request.place ?? NOWHERE, year);
    const event =
      interaction.entity_type === 'event' && interaction.entity_id !== undefined
        ? learning?.known.event(site.id, interaction.entity_id)
        : undefined;
    const row = ownColumns(interaction, batch, facts, { userKey, person, event, sender: head });
    if (request.isOutsideSession) row.session_id = '';
    if (dependencies.isErased?.(site.id, userKey, { ts: row.ts })) {
      refused.push({ index, id: interaction.id, code: 'erased', message: ERASED });
      continue;
    }
    if (learning && !isLinked && batch.user_id !== undefined && batch.visitor_id !== undefined) {
      isLinked = true;
      const visitor = learning.visitorKey(site.id, batch.visitor_id);
      const link = linkEntry(site.id, visitor, userKey, times.receivedAt);
      learned.set(link.key, link);
    }
    if (learning) {
      for (const entity of learnedEntities(site.id, interaction, row)) {
        const entry = entityEntry(entity, times.receivedAt);
        learned.set(entry.key, entry);
      }
    }
    caps?.apply(site.id, head.received_at, row);
    // A retry, an import and an order (which the back end reports too) may be stored already. So may what
    // comes from someone who does not say which attempt it is, such as curl.
    const isDoubtful =
      attempt > 0 || request.attempt === undefined || request.isBulk || row.order_id !== undefined;
    const report = row.order_id === undefined ? undefined : orderReportOf({ ...head, ...row });
    kept.push({ index, id: row.id });
    entries.push({
      kind: isDoubtful ? 'd' : 'i',
      key: `${site.id}/${row.id}`,
      json: rowJson(columnsJson(row), headJson, pages[interaction.context ?? -1] ?? ''),
      ...(report && { teller: tellerOf(report) }),
    });
  }
  for (const rejection of rejected) {
    const userKey = await userKeyOn(utcDate(times.receivedAt));
    // Nobody can tell when it was recorded, so nothing of it is kept about a person who was ever erased.
    if (dependencies.isErased?.(site.id, userKey, { ts: '' })) continue;
    const row = rejectedRow(rejection, batch, { site, receivedAt: times.receivedAt, userKey });
    entries.push({
      kind: 'r',
      key: `${site.id}/${batch.batch_id}#${rejection.index}`,
      json: JSON.stringify(row),
    });
  }

  const besides = request.besides?.(kept);
  const [{ duplicates }] = await Promise.all([
    dependencies.intake.take(entries.flatMap((entry, place) => [besides?.get(place) ?? [], entry].flat())),
    learning && learned.size > 0 ? learning.facts.take([...learned.values()]) : undefined,
  ]);
  metrics.accepted(site.id, accepted.length - refused.length);
  if (refused.length > 0) metrics.rejected('erased', refused.length);
  if (duplicates > 0) metrics.duplicates(site.id, duplicates);
  for (const { code } of rejected) metrics.rejected(code, 1);
  for (const [code, times] of warnings) metrics.warned(code, times);
  // A batch that came before, as all its interactions did, has said so before.
  const isRepeated = duplicates > 0 && duplicates === entries.length;
  if (batch.dropped && !isRepeated) metrics.dropped(site.id, batch.dropped);
  const answer = {
    accepted: accepted.length - refused.length,
    rejected: [
      ...rejected.map(({ index, id, code, message }) => ({ index, id, code, message })),
      ...refused,
    ].sort((a, b) => a.index - b.index),
  };
  return { answer, erased: refused.length };
}

type Judged = Exclude<Judgement, { problem: string }>;

function* interactionsOf(accepted: readonly { interaction: Interaction }[]): Iterable<Interaction> {
  for (const { interaction } of accepted) yield interaction;
}

const NOWHERE = {};
const ERASED = 'It was recorded before the data of this person was erased, so it is not kept.';

const MAX_ATTEMPT = 255;

/** Whoever cannot say which attempt this is may be repeating one. */
function attemptOf(text: string | undefined): number {
  if (text === undefined) return 0;
  return /^\d{1,6}$/.test(text) ? Math.min(Number(text), MAX_ATTEMPT) : 1;
}

function clockOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : undefined;
}
