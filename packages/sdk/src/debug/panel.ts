/**
 * Debug mode: what is recorded and what becomes of it, in a panel and in the console, in plain words; and what is
 * wrong with what a developer passes.
 *
 * Loaded when debug is on, and only then: the core passes facts and knows none of these words.
 */
import type { Catalog } from '@turnout/schema/catalog';
import { observeAttributes } from '../auto/attributes.ts';
import type { Tell } from '../debug.ts';
import type { Settings } from '../options.ts';
import { quietly } from '../quietly.ts';
import { checkAttributes } from './check-attributes.ts';
import { checkDetails } from './check-details.ts';
import { reportInstallation } from './installation.ts';
import { introduce, narrate } from './narrate.ts';
import { createPanelView } from './panel-view.ts';
import { createTally } from './tally.ts';

/**
 * Opens the panel of a tracker. Returns what hears its facts.
 *
 * @param script - The address of the script tag, where it is one. With `?check` it asks for a report of the
 * installation, and no more.
 */
export async function openPanel(settings: Settings, script = ''): Promise<Tell> {
  const { debug } = settings;
  if (/[?&]check\b/.test(script)) {
    void reportInstallation(settings);
    if (!/[?&]turnout_debug\b/.test(location.search)) return () => {};
  }
  const say = (text: string, ...more: unknown[]) =>
    quietly(() => console.debug(`[turnout] ${text}`, ...more));
  const warn = (text: string, ...more: unknown[]) =>
    quietly(() => console.warn(`[turnout] ${text}`, ...more));
  const load = (typeof debug === 'object' && debug.catalog) || undefined;
  const catalog = (await load?.().catch((error: unknown) => warn(`the catalogue did not load: ${error}`)))
    ?.catalog as Catalog | undefined;
  const tally = createTally();
  // Where the page took away what a panel needs, the console still tells.
  const view = quietly(() => createPanelView(settings.key));
  const complain = (what: string, problems: string[], ...more: unknown[]) => {
    for (const problem of problems) {
      warn(`${what}: ${problem}`, ...more);
      tally.problem(what, problem);
    }
  };

  say(introduce(settings));
  const stopReading = observeAttributes({
    observe(element) {
      complain(`<${element.localName}>`, checkAttributes(element), element);
      view?.show(tally);
      return () => {};
    },
  });
  view?.show(tally);
  let isOver = false;
  return (fact, ...about) => {
    if (isOver) return;
    say(narrate(fact, about));
    tally.hear(fact, about);
    if (fact === 'stopped') {
      isOver = true;
      stopReading();
      view?.remove();
    }
    if (fact === 'recorded') {
      const [type, text, given] = about as [string, string, unknown];
      complain(type, checkDetails(type, given, JSON.parse(text), catalog));
    }
    view?.show(tally);
  };
}
