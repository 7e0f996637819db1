import type { Interaction } from '@turnout/schema';
import type { CollectorDependencies } from './dependencies.ts';
import { type Learning, personEntry } from './facts.ts';
import type { LogEntry } from './intake.ts';
import type { BatchHead } from './judge.ts';
import { isBelow } from './knowledge.ts';
import { utcDate, utcTime } from './local-date.ts';
import type { Site } from './sites.ts';
import { correctedTime, type Times } from './times.ts';
import { readTraits } from './traits.ts';

interface Lesson extends Times {
  learning: Learning;
  isErased: CollectorDependencies['isErased'];
  /** Gets what is learned. */
  facts: Map<string, LogEntry>;
  userKeyOn(idDay: string): Promise<string>;
  year: number;
}

/** Takes the traits that people tell when they sign in. They add to what is known. */
export async function learnTraits(
  accepted: readonly { interaction: Interaction }[],
  site: Site,
  batch: BatchHead,
  lesson: Lesson,
): Promise<void> {
  const { learning, facts, userKeyOn, year, receivedAt } = lesson;
  if (batch.user_id === undefined) return;
  for (const { interaction } of accepted) {
    if (interaction.type !== 'identify' || !interaction.props) continue;
    const told = readTraits(interaction.props, year);
    if (!told) continue;
    const userKey = await userKeyOn(utcDate(interaction.occurred_at));
    const at = Math.min(receivedAt, correctedTime(interaction.occurred_at, lesson, batch));
    if (lesson.isErased?.(site.id, userKey, { ts: utcTime(at) })) continue;
    const { known } = learning;
    const before = known.person(site.id, userKey);
    const latest = known.personVersion(site.id, userKey);
    // What was told since stays valid; what nobody has told since is added to it.
    const isLate = latest !== undefined && isBelow(String(at), latest);
    const traits = isLate ? { ...told, ...before } : { ...before, ...told };
    const version = isLate ? latest : String(at);
    known.setPerson(site.id, userKey, traits, version);
    const entry = personEntry(site.id, userKey, traits, { at, by: interaction.id, version });
    facts.set(entry.key, entry);
  }
}
