/**
 * The words for what the core reports: one sentence a fact, for the console.
 *
 * A fact without words of its own is told as it is.
 */
import type { Settings } from '../options.ts';
import { quietly } from '../quietly.ts';

type Sentence = (...about: never[]) => string;

const SENTENCES: Readonly<Record<string, Sentence>> = {
  started: () => 'started',
  stopped: () => 'stopped: what waits stays stored',
  recorded: (type: string, text: string) => `recorded ${type} ${text}`,
  skipped: (type: string, why: string) =>
    `not recorded: ${type}, ${why === 'denied' ? 'consent is denied' : 'left out by sample or beforeSend'}`,
  consent: (status: string) => `consent: ${status}`,
  unidentified: (id: unknown) =>
    `identify: ${JSON.stringify(id)} is no id. Pass a text of at most 200 characters, as your own system has it`,
  boxless: () =>
    'an element under "display: contents" has no box, so nobody can see it. Track one of its children',
  caught: (error: unknown) =>
    `caught an exception, from a callback of yours or from Turnout itself; the page does not notice: ${error}`,
  'in memory': (error: unknown) => `IndexedDB is refused: the queue lives in memory (${error})`,
  'spill refused': (count: number) => `localStorage is refused or full: ${count} may be lost`,
};

/** What became of interactions, by kind. */
const OUTCOMES: Readonly<Record<string, Sentence>> = {
  sent: ({ accepted, batchId }: { accepted: number; batchId: string }) =>
    `delivered ${accepted}: the collector has them on disk (batch ${batchId})`,
  rejected: ({
    code,
    message,
    interaction,
  }: {
    code: string;
    message: string;
    interaction?: { type: string };
  }) => `rejected ${interaction?.type ?? 'one'} (${code}): ${message}`,
  dropped: ({ count, reason }: { count: number; reason: string }) =>
    `dropped ${count}: ${
      {
        full: 'the queue is full',
        expired: 'older than the collector takes',
        denied: 'consent was denied',
      }[reason] ?? reason
    }`,
};

/** One sentence for a fact. */
export function narrate(fact: unknown, about: readonly unknown[]): string {
  const [sentence, facts] =
    fact === 'told'
      ? [OUTCOMES[String(about[0])], about.slice(1)]
      : [typeof fact === 'string' && Object.hasOwn(SENTENCES, fact) ? SENTENCES[fact] : undefined, about];
  return sentence ? (sentence as (...facts: readonly unknown[]) => string)(...facts) : String(fact);
}

/** The first sentence: with which settings a tracker runs. */
export const introduce = ({
  key,
  endpoint,
  consent = 'granted',
  cookieless,
  cookieDomain,
  env,
}: Settings): string =>
  `debug mode: "${key}" sends to ${endpoint}; consent ${consent}${cookieless ? ', without cookies' : ''}${
    env ? `, env ${env}` : ''
  }${
    cookieDomain && !takesCookies(cookieDomain)
      ? `. The browser takes no cookie for "${cookieDomain}" here: visitor and consent are kept for this origin alone`
      : ''
  }`;

function takesCookies(domain: string): boolean {
  const write = (maxAgeS: number) => {
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API answers later, and not everywhere.
    document.cookie = `turnout-check=1;Domain=${domain};Path=/;Max-Age=${maxAgeS}`;
  };
  return quietly(() => {
    write(9);
    const isTaken = document.cookie.includes('turnout-check=1');
    write(0);
    return isTaken;
  }, false);
}
