/** How many interactions a key may send in a day, counted where they are taken: what is refused costs nothing. */
import type { Limits } from './admission.ts';
import type { Intake } from './intake.ts';
import type { Problem } from './problem.ts';
import type { Writer } from './sites.ts';

/** The day of one key. */
export interface Quota extends Writer {
  /** The day of its site. */
  date: string;
  interactions: number;
  /** What is said to who comes after the last. */
  refuse(): Problem;
}

/**
 * The intake for one request of a key with a quota. It counts before it takes, so that many requests at once cannot pass
 * together; what fails is given back.
 *
 * A request is taken whole or not at all: the one that reaches the quota is the last of the day.
 */
export function withinQuota(intake: Intake, limits: Pick<Limits, 'spendOn'>, quota: Quota): Intake {
  const { date, site, key } = quota;
  const spend = (interactions: number) => limits.spendOn(date, site, key, interactions);
  let isLetIn: Promise<void> | undefined;

  /** The first ones of a request decide for all of it: those of another person may follow. */
  async function decide(interactions: number): Promise<void> {
    if ((await spend(interactions)) < quota.interactions) return;
    await spend(-interactions);
    throw quota.refuse();
  }

  return {
    take: intake.take,
    async letIn(interactions) {
      if (interactions > 0) {
        if (isLetIn) {
          await isLetIn;
          await spend(interactions);
        } else {
          isLetIn = decide(interactions);
          await isLetIn;
        }
      }
      return async (left) => {
        if (left > 0) await spend(-left);
      };
    },
  };
}
