/**
 * `t-all.js`: the script tag with every behaviour in one file.
 *
 * `data-ticket-source` (and `-medium`, `-campaign`, `-click-id`) on the tag puts utm and a click id on ticket links.
 * Search boxes that carry `data-track-search` are measured; `data-auto="forms media errors vitals"` on the tag
 * turns the others on. `turnout('funnel', …)`, `turnout('experiment', …)`, `turnout('search', …)` and
 * `turnout('scrollDepth', …)` return what the functions of the npm package return.
 */
import { formSubmits } from './auto/forms.ts';
import { jsErrors } from './auto/js-errors.ts';
import { mediaPlays } from './auto/media.ts';
import { searchInputs } from './auto/search-inputs.ts';
import { webVitals } from './auto/web-vitals.ts';
import { ticketLinkDecorator } from './decorate-ticket-link.ts';
import { createExperiment, type ExperimentOptions } from './experiment.ts';
import { createFunnel, type FunnelOptions } from './funnel.ts';
import { type ScrollDepthOptions, scrollDepth } from './scroll-depth.ts';
import { createSearch, type SearchOptions } from './search.ts';
import { type SettingsOf, startScript } from './start-script.ts';
import type { Tracker } from './tracker.ts';

function extend(tracker: Tracker, { dataset, src }: HTMLScriptElement) {
  const auto: Record<string, () => void> = {
    forms: () => formSubmits(tracker),
    media: () => mediaPlays(tracker),
    errors: () => jsErrors(tracker),
    // A module beside this file, so that no element is made and no text becomes a script.
    vitals: () => webVitals(tracker, () => import(/* @vite-ignore */ new URL('t-vitals.js', src).href)),
  };
  for (const name of dataset.auto?.split(/[\s,]+/) ?? []) auto[name]?.();
  searchInputs(tracker);
  return {
    search: (options?: SearchOptions) => createSearch(tracker, options),
    funnel: (name: string, options?: FunnelOptions) => createFunnel(tracker, name, options),
    experiment: (name: string, options: ExperimentOptions) => createExperiment(tracker, name, options),
    scrollDepth: (options: ScrollDepthOptions) => scrollDepth(tracker, options),
  };
}

const settingsOf: SettingsOf = ({ ticketSource, ticketMedium, ticketCampaign, ticketClickId }, options) => {
  const links = ticketSource
    ? {
        source: ticketSource,
        medium: ticketMedium,
        campaign: ticketCampaign,
        clickIdParameter: ticketClickId,
      }
    : options?.decorateTicketLinks;
  return { decorateTicketLink: links && ticketLinkDecorator(links) };
};

startScript(extend, settingsOf);
