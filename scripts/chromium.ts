import { findChromium } from './find-chromium.mjs';

/** How every test starts its browser: a system Chromium, quiet on the network. */
export const chromiumLaunch = {
  executablePath: findChromium(),
  headless: true,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};
