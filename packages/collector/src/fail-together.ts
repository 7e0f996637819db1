import type { Interaction } from '@turnout/schema/wire';
import type { Rejection } from './judge.ts';
import { rejectedText } from './rejected-text.ts';

interface Judged {
  accepted: { index: number; interaction: Interaction }[];
  rejected: Rejection[];
}

/**
 * Rejects what was sent as one with an interaction that is rejected, for the same reason: of an order that is refused no line is
 * counted. Whoever puts it right sends all of it again.
 *
 * @param recordOf - What the interaction of an index was sent as.
 */
export function failTogether<Batch extends Judged>(
  judged: Batch,
  recordOf: (index: number) => number,
): Batch {
  const { accepted, rejected } = judged;
  if (rejected.length === 0) return judged;
  const reasons = new Map<number, Rejection>();
  for (const rejection of rejected) {
    const record = recordOf(rejection.index);
    if (!reasons.has(record)) reasons.set(record, rejection);
  }
  const alongside = accepted.flatMap(({ index, interaction }): Rejection[] => {
    const reason = reasons.get(recordOf(index));
    if (!reason) return [];
    const { code, message } = reason;
    return [{ index, id: interaction.id, code, message, text: rejectedText(interaction) }];
  });
  return {
    ...judged,
    accepted: accepted.filter(({ index }) => !reasons.has(recordOf(index))),
    rejected: [...rejected, ...alongside],
  };
}
