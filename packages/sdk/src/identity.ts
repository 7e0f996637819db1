/**
 * Who is here: a visitor (a browser), a session (a visit), a user (a signed-in person), and what they consented to.
 *
 * Ids live in first-party storage, shared by all tabs, and in memory where storage is refused. While consent
 * is pending nothing is written; when it is denied, nothing stays but that. Without cookies a refusal is all that is written.
 */
import { now } from './clock.ts';
import { cookiesOf } from './cookies.ts';
import { toJson } from './json.ts';
import { listen } from './listen.ts';
import { local } from './local-storage.ts';
import type { Consent, Settings } from './options.ts';
import { uuidv7 } from './uuid.ts';

/** A session ends after this long without an interaction. */
export const SESSION_IDLE_MS = 30 * 60_000;
/** The time of the last interaction is written at most this often: a write is synchronous. */
const TOUCH_EVERY_MS = 5_000;
/** Storage is not asked more often: what is recorded in one moment comes from the same person. */
const KNOWN_FOR_MS = 50;

/** Who made a batch. */
export const SDK = 'js/0.1.0';

/** Who recorded an interaction: what all interactions of one batch share. */
export interface Owner {
  sdk: string;
  env: string | undefined;
  cookieless?: true;
  visitor_id?: string;
  user_id?: string;
  session_id?: string;
  consent?: 'granted';
}

/** The ids that interactions are recorded under; none where nothing is recorded. */
export interface Ids {
  visitorId?: string;
  userId?: string;
  sessionId?: string;
}

/** The public face of consent. */
export interface ConsentControl {
  /** The visitor agreed: what waited in memory goes out, and the decision is remembered. */
  grant(): void;
  /** The visitor refused: nothing is recorded any more; the queue and all ids are deleted. */
  deny(): void;
  /** What counts now. */
  status(): Consent;
}

/** See {@link createIdentity}. */
export interface Identity {
  /** JSON of who is recording now, and where. Starts a session, or prolongs it unless it is only asked for. */
  owner(isOnlyAsked?: boolean): string;
  identify(userId: string): void;
  /** When the visitor refused last, in ms since 1970; 0 for never. What was recorded before stays unsent. */
  refusedAt(): number;
  /** Forgets the person: the next interaction comes from a new visitor in a new session. */
  reset(): void;
  consent: ConsentControl;
  stop(): void;
}

/**
 * Makes the {@link Identity} of a tracker; `changed` hears about consent, also from other tabs. `isPast`: of a refusal that was
 * taken back since.
 */
export function createIdentity(
  settings: Settings,
  changed: (consent: Consent, before: Consent, isPast?: boolean) => void,
): Identity {
  const name = (what: string) => `turnout:${settings.key}:${what}`;
  const [visitorName, sessionName, userName] = [name('visitor'), name('session'), name('user')];
  const consentName = name('consent');
  const storage = settings.cookieDomain ? cookiesOf(settings.cookieDomain) : local;
  const memory = new Map<string, string>();
  const browser = navigator as { globalPrivacyControl?: boolean; doNotTrack?: string };
  const isRefusedByBrowser =
    // Global Privacy Control is the visitor's own refusal: https://www.w3.org/TR/gpc/
    browser.globalPrivacyControl === true || (settings.respectDnt && browser.doNotTrack === '1');
  /** Who is signed in, as far as this page says; what an earlier one left gives way to that. */
  let told = settings.userId;
  /** The stored decision that was looked at last, and when the last refusal was: `granted 1795219200000`. */
  let [heard, refusedAt] = readDecision();
  let decision = isRefusedByBrowser ? 'denied' : decide(settings.consent, heard);
  let known: string | undefined;
  let knownAt = 0;
  const status = () => decision ?? 'granted';
  if (decision === 'denied') forget();
  else if (told) write(userName, told);

  function readDecision(): [word: string, refusedAt: number] {
    const [word = '', at] = storage.read(consentName)?.split(' ') ?? [];
    return [word, Number(at) || 0];
  }

  // Memory holds only what storage does not: another tab's `reset` must not be undone by a copy here.
  function read(key: string): string | undefined {
    return memory.get(key) ?? ((mayStore() && storage.read(key)) || undefined);
  }
  function write(key: string, value: string): string {
    if (mayStore() && storage.write(key, value)) memory.delete(key);
    else memory.set(key, value);
    return value;
  }
  function mayStore(): boolean {
    return status() === 'granted' && !settings.cookieless;
  }
  function forget(): void {
    known = undefined;
    memory.clear();
    for (const it of [visitorName, sessionName, userName]) storage.remove(it);
  }
  function session(isOnlyAsked?: boolean): string {
    const at = now();
    const [stored = '', touched = '0'] = read(sessionName)?.split(' ') ?? [];
    const idleMs = at - Number(touched);
    // A clock set back makes the idle time negative; the visit goes on.
    // What is no UUID any more would cost the whole batch.
    const isOpen = /^[0-9a-f-]{36}$/.test(stored) && idleMs < SESSION_IDLE_MS;
    const id = isOpen ? stored : uuidv7(at);
    if (id !== stored || (!isOnlyAsked && Math.abs(idleMs) > TOUCH_EVERY_MS))
      write(sessionName, `${id} ${at}`);
    return id;
  }
  function decideAgain(next: Consent, isElsewhere?: boolean): void {
    const before = status();
    known = undefined;
    decision = next;
    if (next === 'denied') forget();
    // Ids made while consent was pending become those of the visitor, unless an earlier visit left some, or a
    // tab that was answered before this one.
    else {
      for (const [key, value] of memory) write(key, storage.read(key) ?? value);
      // Who is signed in is said where it was agreed to: another tab may be older.
      if (told && !isElsewhere) write(userName, told);
    }
    // After the ids: a tab that hears of it finds them.
    if (!isElsewhere) {
      refusedAt = next === 'denied' ? now() : readDecision()[1] || refusedAt;
      // Without cookies nothing is kept but a refusal.
      if (settings.cookieless && next === 'granted') storage.remove(consentName);
      else storage.write(consentName, refusedAt ? `${next} ${refusedAt}` : next);
    }
    heard = next;
    changed(next, before);
  }
  /** Another tab may have decided. Cookies tell nobody of that: they are looked at whenever it matters. */
  function look(): void {
    knownAt = now();
    known = undefined;
    const [word, at] = readDecision();
    const isRefused = at && at !== refusedAt;
    refusedAt = at || refusedAt;
    if (isRefusedByBrowser) return;
    // Without cookies an agreement is told by what is gone.
    if (settings.cookieless && !word && heard === 'denied') decideAgain('granted', true);
    if (word !== 'granted' && word !== 'denied') return;
    // It was taken back between two looks: what was recorded before is not sent after it.
    if (isRefused && word === 'granted' && status() === word) {
      memory.clear();
      decision = 'denied';
      changed(decision, word, true);
      decision = heard = word;
      changed(word, 'denied');
    } else if (word !== heard) decideAgain(word, true);
  }
  const stop = listen('storage', look);

  return {
    owner(isOnlyAsked) {
      if (known) return known;
      const user = read(userName);
      const owner: Owner = {
        sdk: SDK,
        // A template without a value leaves an empty text, for which whole batches are refused.
        env: settings.env || undefined,
        ...(settings.cookieless
          ? { cookieless: true }
          : {
              visitor_id: read(visitorName) ?? write(visitorName, uuidv7()),
              session_id: session(isOnlyAsked),
            }),
        ...(user && { user_id: user }),
        ...(decision === 'granted' && { consent: 'granted' }),
      };
      const text = toJson(owner);
      if (!isOnlyAsked) known = text;
      return text;
    },
    identify(userId) {
      known = undefined;
      told = userId;
      write(userName, userId);
    },
    reset() {
      told = undefined;
      forget();
    },
    // A clock that was set back since would hold everything to be older.
    refusedAt: () => (refusedAt > now() ? 0 : refusedAt),
    consent: {
      grant() {
        if (!isRefusedByBrowser) decideAgain('granted');
      },
      deny() {
        decideAgain('denied');
      },
      status() {
        if (Math.abs(now() - knownAt) >= KNOWN_FOR_MS) look();
        return status();
      },
    },
    stop,
  };
}

/** A refusal wins, from whichever side; else a stored agreement answers a page that still asks. */
function decide(option: Consent | undefined, stored: string): Consent | undefined {
  if (option === 'denied' || stored === 'denied') return 'denied';
  return stored === 'granted' ? 'granted' : option;
}
