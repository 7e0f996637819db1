import { MAX_ID_LENGTH, MAX_TEXT_LENGTH, type PageContext } from '@turnout/schema/wire';

/** The page as an interaction sees it. */
export interface Page {
  /** Where, now: address, title, referrer, campaign, language, size of the window. */
  context(): PageContext;
  /** The address without what only scrolls: two equal ones are the same page. */
  address(): string;
  /** Tells that the address changed inside the document: the old one is the referrer now. */
  cameFrom(url: string): void;
}

const CAMPAIGN = ['utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content'] as const;

/** Makes the {@link Page} of a tracker. */
export function createPage(): Page {
  let referrer = document.referrer;
  return {
    context() {
      const parameters = new URLSearchParams(location.search);
      const context: PageContext = {
        page_url: clip(location.href),
        page_path: clip(location.pathname),
        language: navigator.language,
        viewport_width: innerWidth,
        viewport_height: innerHeight,
      };
      if (referrer) context.referrer = clip(referrer);
      if (document.title) context.title = clip(document.title);
      for (const name of CAMPAIGN) {
        const value = parameters.get(name);
        if (value) context[name] = clip(value, MAX_ID_LENGTH);
      }
      return context;
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
