/**
 * What becomes of interactions, for whoever listens with `tracker.on`. Delivery itself does not need it.
 */
import type { Answer, Interaction } from '@turnout/schema/wire';
import type { Entry } from './batch.ts';
import type { Consent } from './options.ts';
import type { DropReason } from './queue.ts';
import { quietly } from './quietly.ts';

/** What `tracker.on` tells, by kind. */
export interface TrackerEvents {
  /** The collector has these on disk. */
  sent: { batchId: string; accepted: number; interactions: Interaction[] };
  /** The collector will not take this one; `code` and `message` are its own. */
  rejected: { batchId: string; code: string; message: string; interaction: Interaction | undefined };
  /** These left the browser without being delivered. */
  dropped: { count: number; reason: DropReason };
  /** The visitor decided, here or in another tab. */
  consent: Consent;
}

/** Tells listeners of `tracker.on`. */
export type Emit = <Kind extends keyof TrackerEvents>(kind: Kind, detail: TrackerEvents[Kind]) => void;

/** Tells what became of a batch: without an answer, the collector refused all of it, as `message` says. */
export function tell(emit: Emit, batch: Entry, message: string, answer: Answer | undefined): void {
  const { id: batchId, body } = batch;
  const { interactions } = JSON.parse(body) as { interactions: Interaction[] };
  const whyNot = (index: number) => {
    if (!answer) return { code: 'batch_refused', message };
    return quietly(() => answer.rejected.find((one) => one.index === index));
  };
  const accepted = interactions.filter((interaction, index) => {
    const why = whyNot(index);
    if (why) emit('rejected', { batchId, code: why.code, message: why.message, interaction });
    return !why;
  });
  if (answer) emit('sent', { batchId, accepted: answer.accepted, interactions: accepted });
}
