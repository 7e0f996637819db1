import { MAX_ID_LENGTH, MAX_TEXT_LENGTH, type PageContext } from '@turnout/schema/wire';
import { toJson } from './json.ts';
import { quietly } from './quietly.ts';
import { scrub, scrubUrl } from './scrub.ts';

/** The page as an interaction sees it. */
export interface Page {
  /** JSON of where, now: address, title, referrer, campaign, language, size of the window when it opened. */
  context(): string;
  /** Tells that the address changed inside the document: the old one is the referrer now. */
  cameFrom(url: string): void;
}

const CAMPAIGN = ['source', 'medium', 'campaign', 'term', 'content'] as const;

/** Makes the {@link Page} of a tracker; parameters in `keep` stay in its addresses. */
export function createPage(keep: readonly string[]): Page {
  let referrer = told('referrer');
  let known = '';
  let text = '';
  return {
    context() {
      // Asked at each interaction: addresses take time to read, and the size of the window costs a layout.
      const title = told('title');
      const current = [location.href, title, referrer].join('\n');
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
      if (title) context.title = clip(scrub(title));
      for (const name of CAMPAIGN) {
        const value = parameters.get(`utm_${name}`);
        if (value) context[`utm_${name}`] = clip(scrub(value), MAX_ID_LENGTH);
      }
      text = toJson(context);
      return text;
    },
    cameFrom(url) {
      referrer = url;
    },
  };
}

/** A form or a frame of that name stands in its way, as in all names of `document`, and in none of `location`. */
function told(name: 'title' | 'referrer'): string {
  const it: unknown = quietly(() => document[name]);
  return typeof it === 'string' ? it : '';
}

/** Cuts text to what the wire takes, never through the middle of a character. */
export function clip(text: string, length = MAX_TEXT_LENGTH): string {
  return text.length > length ? text.slice(0, length).replace(/[\ud800-\udbff]$/, '') : text;
}
