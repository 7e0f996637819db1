import * as bowser from 'bowser';
import { isbot } from 'isbot';

/** What a `User-Agent` header says about who sends. */
export interface Agent {
  device: 'desktop' | 'mobile' | 'tablet' | 'tv' | 'bot' | 'unknown';
  /** Its name without a version: `Chrome`, `Safari` … or `unknown`. */
  browser: string;
  os: string;
  /** A crawler. */
  isBot: boolean;
  /** A browser that a program drives, as tests do. */
  isAutomation: boolean;
}

const MAX_AGENT_LENGTH = 512;
const MAX_REMEMBERED = 1_000;
const DEVICES: ReadonlySet<string> = new Set(['desktop', 'mobile', 'tablet', 'tv', 'bot']);
// Only names from these lists reach the table: its dictionaries must not grow with made-up agents.
const BROWSERS: ReadonlySet<string> = new Set(Object.values(bowser.BROWSER_MAP));
const SYSTEMS: ReadonlySet<string> = new Set(Object.values(bowser.OS_MAP));

const AUTOMATION =
  /\b(?:Headless(?=Chrome|Edg)|(?:PhantomJS|Cypress|Electron|Puppeteer|Playwright|Selenium|jsdom)\b\S*)/gi;
// HTTP libraries do not crawl pages and run no script in them: who posts with one means to, such as a
// ticketing back end. `isbot` takes them for bots, which would leave their purchases out of all sums.
const LIBRARY =
  /^(?:curl|wget|httpie|node|node-fetch|undici|bun|deno|axios|got|superagent|python|python-requests|python-urllib|python-httpx|aiohttp|go-http-client|okhttp|java|apache-httpclient|ruby|faraday|php|guzzlehttp|symfony httpclient|dart|postmanruntime|insomnia|k6)\b/i;
const LIBRARY_AGENT: Agent = {
  device: 'unknown',
  browser: 'unknown',
  os: 'unknown',
  isBot: false,
  isAutomation: false,
};

const remembered = new Map<string, Agent>();

/**
 * Describes a user agent. The thousand seen last are remembered: parsing one takes longer than
 * judging a whole batch.
 */
export function describeAgent(userAgent: string | undefined): Agent {
  const text = (userAgent ?? '').slice(0, MAX_AGENT_LENGTH);
  const agent = remembered.get(text) ?? parse(text);
  // Setting it again moves it to the end, so the first is the one not seen for the longest time.
  remembered.delete(text);
  remembered.set(text, agent);
  if (remembered.size > MAX_REMEMBERED) {
    const [oldest = ''] = remembered.keys();
    remembered.delete(oldest);
  }
  return agent;
}

function parse(text: string): Agent {
  if (text.trim() === '' || LIBRARY.test(text)) {
    return LIBRARY_AGENT;
  }
  // What is left without the marks of automation may still be a crawler, or else the browser driven.
  const plain = text.replace(AUTOMATION, '');
  const { browser, os, platform } = bowser.parse(plain || text);
  const isBot = isbot(plain);
  const device = isBot ? 'bot' : (platform.type ?? '');
  return {
    device: DEVICES.has(device) ? (device as Agent['device']) : 'unknown',
    browser: BROWSERS.has(browser.name ?? '') ? (browser.name ?? '') : 'unknown',
    os: SYSTEMS.has(os.name ?? '') ? (os.name ?? '') : 'unknown',
    isBot,
    isAutomation: plain !== text,
  };
}
