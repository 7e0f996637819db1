/**
 * The report that `t.js?check` prints: whether this page can measure at all, and what to do where it cannot.
 *
 * Everything is tried for real. Nothing is recorded by it: the batch that is posted is none.
 */
import { INTERACTIONS_PATH, QUERY } from '@turnout/schema/wire';
import type { Settings } from '../options.ts';
import { quietly } from '../quietly.ts';

/** One line of the report. */
interface Finding {
  isGood: boolean;
  text: string;
}

const good = (text: string): Finding => ({ isGood: true, text });
const bad = (text: string): Finding => ({ isGood: false, text });

/** Prints the report in the console. */
export async function reportInstallation(settings: Settings): Promise<void> {
  const blocked: string[] = [];
  const hear = ({ effectiveDirective, blockedURI }: SecurityPolicyViolationEvent) =>
    blocked.push(`${effectiveDirective} ${blockedURI}`);
  document.addEventListener('securitypolicyviolation', hear);
  const collector = await checkCollector(settings);
  const findings = [
    ...collector,
    ...checkConsent(settings),
    await checkQueue(settings),
    checkStorage(settings),
    blocked.length
      ? bad(
          `The page's Content-Security-Policy blocks: ${blocked.join('; ')}. Allow ${settings.endpoint} in connect-src and script-src.`,
        )
      : good("Nothing that Turnout needs is blocked by the page's Content-Security-Policy."),
  ];
  document.removeEventListener('securitypolicyviolation', hear);
  const isGood = findings.every((finding) => finding.isGood);
  const title = `[turnout] Installation of "${settings.key}": ${isGood ? 'all is well' : 'there is something to do'}`;
  const text = [title, ...findings.map((it) => `  ${it.isGood ? 'ok' : 'NO'}  ${it.text}`)].join('\n');
  quietly(() => console[isGood ? 'info' : 'warn'](text));
}

/** A batch without anything in it: who answers that it is none has found key and origin right before. */
async function checkCollector({ endpoint, key }: Settings): Promise<Finding[]> {
  const query = new URLSearchParams({
    [QUERY.key]: key,
    [QUERY.attempt]: '0',
    [QUERY.sentAt]: `${Date.now()}`,
  });
  let response: Response;
  let problem: { error?: { message?: string } };
  try {
    response = await fetch(`${endpoint}${INTERACTIONS_PATH}?${query}`, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'text/plain' },
      credentials: 'omit',
    });
    problem = await response.json();
  } catch (error) {
    return [
      bad(
        `${endpoint} cannot be reached (${error}). Is it running? Extensions that block trackers leave addresses of your own domain alone.`,
      ),
    ];
  }
  const reached = good(`${endpoint} answers.`);
  const said = problem.error?.message ?? `status ${response.status}`;
  if (response.status === 401) return [reached, bad(`The write key "${key}" is refused: ${said}`)];
  if (response.status === 403) {
    return [reached, good(`The write key "${key}" is known.`), bad(`This origin is refused: ${said}`)];
  }
  if (response.status === 400) {
    return [
      reached,
      good(`The write key "${key}" is known.`),
      good(`Its site takes interactions from ${location.origin}.`),
    ];
  }
  return [bad(`${endpoint} answered with ${said}, which no collector says here. Check data-endpoint.`)];
}

function checkConsent({ key, consent, respectDnt }: Settings): Finding[] {
  const browser = navigator as { globalPrivacyControl?: boolean; doNotTrack?: string; webdriver?: boolean };
  const stored = quietly(() => localStorage.getItem(`turnout:${key}:consent`)?.split(' ')[0]);
  const findings: Finding[] = [];
  if (browser.globalPrivacyControl) {
    findings.push(
      bad('This browser sends Global Privacy Control: nothing is recorded here. Check in another one.'),
    );
  } else if (respectDnt && browser.doNotTrack === '1') {
    findings.push(
      bad('This browser sends Do Not Track, and data-respect-dnt is set: nothing is recorded here.'),
    );
  } else if (stored === 'denied' || consent === 'denied') {
    findings.push(bad("Consent is denied: nothing is recorded. turnout('consent', 'granted') changes that."));
  } else if (consent === 'pending' && stored !== 'granted') {
    findings.push(
      bad("Consent is pending: interactions wait in memory until turnout('consent', 'granted') is called."),
    );
  } else findings.push(good(`Consent is ${stored ?? consent ?? 'granted, because nobody was asked'}.`));
  if (browser.webdriver) {
    findings.push(
      bad(
        'A program drives this browser: what it does is marked as a bot, and counts in no report (but those of the demo site).',
      ),
    );
  }
  return findings;
}

function checkStorage({ key, cookieless }: Settings): Finding {
  if (cookieless) return good('Nothing is stored in the browser, as data-cookieless asks.');
  const name = `turnout:${key}:check`;
  const isThere = quietly(() => {
    localStorage.setItem(name, '1');
    localStorage.removeItem(name);
    return true;
  });
  return isThere
    ? good('localStorage works: visitors are recognised when they come back.')
    : bad('localStorage is refused: each page is a new visitor.');
}

function checkQueue({ key, cookieless }: Settings): Promise<Finding> | Finding {
  if (cookieless) return good('There is no queue in IndexedDB, as data-cookieless asks.');
  const refused = bad('IndexedDB is refused: what is not sent before the page closes may be lost.');
  return new Promise((resolve) => {
    quietly(() => {
      const opening = indexedDB.open(`turnout-${key}-check`);
      opening.onerror = () => resolve(refused);
      opening.onsuccess = () => {
        opening.result.close();
        indexedDB.deleteDatabase(`turnout-${key}-check`);
        resolve(good('IndexedDB works: what cannot be sent is kept until it can.'));
      };
      return true;
    }) ?? resolve(refused);
  });
}
