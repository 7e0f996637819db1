import { expect, test } from 'vitest';
import { describeAgent } from './user-agent.ts';

const MOZILLA = 'Mozilla/5.0';
const LINUX_CHROME = `${MOZILLA} (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36`;
const PEOPLE = { isBot: false, isAutomation: false };

test.each([
  ['a desktop', LINUX_CHROME, 'desktop', 'Chrome', 'Linux'],
  [
    'Firefox',
    `${MOZILLA} (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0`,
    'desktop',
    'Firefox',
    'Windows',
  ],
  [
    'a phone',
    `${MOZILLA} (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36`,
    'mobile',
    'Chrome',
    'Android',
  ],
  [
    'a tablet',
    `${MOZILLA} (iPad; CPU OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1`,
    'tablet',
    'Safari',
    'iOS',
  ],
  [
    'a television',
    `${MOZILLA} (SMART-TV; Linux; Tizen 6.0) AppleWebKit/538.1 (KHTML, like Gecko) Version/6.0 TV Safari/538.1`,
    'tv',
    'Tizen',
    'Tizen',
  ],
])('knows %s', (_, userAgent, device, browser, os) => {
  expect(describeAgent(userAgent)).toEqual({ device, browser, os, ...PEOPLE });
});

test('a driven browser is automation and looks like the browser it is', () => {
  expect(describeAgent(LINUX_CHROME.replace('Chrome', 'HeadlessChrome'))).toEqual({
    device: 'desktop',
    browser: 'Chrome',
    os: 'Linux',
    isBot: false,
    isAutomation: true,
  });
  expect(describeAgent(`${LINUX_CHROME} Cypress/13.6.0`)).toMatchObject({ isBot: false, isAutomation: true });
});

test('a crawler is a bot, driven browser or not', () => {
  const googlebot = `${MOZILLA} (compatible; Googlebot/2.1; +http://www.google.com/bot.html)`;
  const rendering = `${MOZILLA} AppleWebKit/537.36 (KHTML, like Gecko; compatible; Googlebot/2.1) HeadlessChrome/156.0.0.0`;

  expect(describeAgent(googlebot)).toMatchObject({ device: 'bot', isBot: true, isAutomation: false });
  expect(describeAgent(rendering)).toMatchObject({ device: 'bot', isBot: true });
});

test.each(['curl/8.5.0', 'node', 'python-requests/2.31.0', 'Go-http-client/2.0', '', undefined])(
  'a server that posts with %j is neither a bot nor a device',
  (userAgent) => {
    expect(describeAgent(userAgent)).toEqual({
      device: 'unknown',
      browser: 'unknown',
      os: 'unknown',
      ...PEOPLE,
    });
  },
);

test('names that nobody knows do not reach the table', () => {
  expect(describeAgent(`${MOZILLA} Zorp/1.0 (Made Up OS)`)).toMatchObject({
    browser: 'unknown',
    os: 'unknown',
  });
});

test('reads only the beginning of an agent, and forgets the oldest', () => {
  const first = describeAgent(LINUX_CHROME);

  expect(describeAgent(LINUX_CHROME)).toBe(first);
  for (let index = 0; index < 1_000; index += 1) {
    describeAgent(`${LINUX_CHROME} v${index}`);
  }
  expect(describeAgent(LINUX_CHROME)).not.toBe(first);
  const padded = LINUX_CHROME.padEnd(512, ' ');
  expect(describeAgent(`${padded}Googlebot`)).toBe(describeAgent(padded));
});
