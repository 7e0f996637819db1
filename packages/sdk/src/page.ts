import { MAX_ID_LENGTH, MAX_TEXT_LENGTH, type PageContext } from '@turnout/schema/wire';
import { toJson } from './json.ts';
import { scrub, scrubUrl } from './scrub.ts';

/** The page as an interaction sees it. */
export interface Page {
  /** JSON of where, now: address, title, referrer, campaign, language, size of the window when it opened. */
  context(): string;
  /** The address without what only scrolls: two equal ones are the same page. */
  address(): string;
  /** Tells that the address changed inside the document: the old one is the referrer now. */
  cameFrom(url: string): void;
}

const CAMPAIGN = ['source', 'medium', 'campaign', 'term', 'content'] as const;

/** Makes the {@link Page} of a tracker; parameters in `keep` stay in its addresses. */
export function createPage(keep: readonly string[]): Page {
  let referrer = document.referrer;
  let known = '';
  let text = '';
  return {
    context() {
      // Asked at each interaction: addresses take time to read, and the size of the window costs a layout.
      const current = [document.URL, document.title, referrer].join('\n');
      if (current === known) return text;
      known = current;
      const parameters = new URLSearchParams(location.search);
      const context: PageContext = {
        page_url: clip(scrubUrl(location.href, keep)),
        page_path: clip(scrub(location.pathname)),
        language: navigator.language,
        viewport_width: innerWidth,
        viewport_height: innerHeight,
      };
      if (referrer) context.referrer = clip(scrubUrl(referrer, keep));
      if (document.title) context.title = clip(scrub(document.title));
      for (const name of CAMPAIGN) {
        const value = parameters.get(`utm_${name}`);
        if (value) context[`utm_${name}`] = clip(scrub(value), MAX_ID_LENGTH);
      }
      text = toJson(context);
      return text;
    },
    // `#reviews` scrolls within a page; `#/reviews` and `#!reviews` are addresses of hash routers.
    address: () => location.href.replace(/#(?![/!]).*/, ''),
    cameFrom(url) {
      referrer = url;
    },
  };
}

/** Cuts text to what the wire takes, never through the middle of a character. */
export function clip(text: string, length = MAX_TEXT_LENGTH): string {
  return text.length > length ? text.slice(0, length).replace(/[\ud800-\udbff]$/, '') : text;
}
