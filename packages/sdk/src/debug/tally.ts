/**
 * What became of each interaction of this page, counted from the facts that the core tells.
 */
import type { Interaction } from '@turnout/schema/wire';
import type { TrackerEvents } from '../outcomes.ts';

/** One line of the panel. */
interface Line {
  /** `problem` is what a developer has to repair. */
  state: 'queued' | 'sent' | 'rejected' | 'problem';
  what: string;
  /** The collector's reason, or what to write instead. */
  why?: string;
}

/** See {@link createTally}. */
export interface Tally {
  /** In the order in which they happened; the oldest are forgotten. */
  readonly lines: readonly Line[];
  readonly counts: Readonly<Record<'recorded' | 'queued' | 'sent' | 'rejected' | 'dropped', number>>;
  /** Counts a fact of the core, where it is one to count. */
  hear(fact: unknown, about: readonly unknown[]): void;
  problem(what: string, why: string): void;
}

const MAX_LINES = 100;

/** Makes an empty {@link Tally}. */
export function createTally(): Tally {
  const lines: Line[] = [];
  /** What waits, by id: also older than the oldest line. */
  const queued = new Map<string, Line>();
  const counts = { recorded: 0, queued: 0, sent: 0, rejected: 0, dropped: 0 };
  const add = (line: Line) => {
    lines.push(line);
    if (lines.length > MAX_LINES) lines.shift();
    return line;
  };
  /** The line of an interaction; a new one where another page recorded it. */
  const settle = (interaction: Interaction | undefined, state: Line['state'], why?: string) => {
    const id = interaction?.id ?? '';
    const line =
      queued.get(id) ?? add({ state, what: interaction ? describe(interaction) : 'one of a batch' });
    queued.delete(id);
    Object.assign(line, { state, why });
  };
  const heard: { [Kind in keyof TrackerEvents]: (detail: TrackerEvents[Kind]) => void } = {
    sent({ interactions }) {
      counts.sent += interactions.length;
      for (const interaction of interactions) settle(interaction, 'sent');
    },
    rejected({ interaction, code, message }) {
      counts.rejected++;
      settle(interaction, 'rejected', `${code}: ${message}`);
    },
    dropped({ count, reason }) {
      counts.dropped += count;
      // Of a full queue the oldest leave, and nobody says which; when consent is denied, all.
      if (reason === 'denied') queued.clear();
    },
    consent() {
      // Told as a fact of its own.
    },
  };
  return {
    lines,
    counts,
    hear(fact, [first, second]) {
      if (fact === 'recorded') {
        const interaction: Interaction = JSON.parse(String(second));
        counts.recorded++;
        queued.set(interaction.id, add({ state: 'queued', what: describe(interaction) }));
      }
      if (fact === 'told') heard[first as keyof TrackerEvents](second as never);
      counts.queued = queued.size;
    },
    problem: (what, why) => void add({ state: 'problem', what, why }),
  };
}

function describe({ type, name, entity_type, entity_id }: Interaction): string {
  const words = [type === 'custom' ? name : type, entity_type && `${entity_type}:${entity_id}`];
  return words.filter(Boolean).join(' ');
}
