import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { chromiumLaunch } from '../../scripts/chromium.ts';

/** A visitor: a Chromium of its own on a profile on disk, which survives the browser. */
export interface Visitor {
  /** Opens a page in a new tab, and the browser when it is not running. */
  open(url: string): Promise<Page>;
  /** Pulls the cable, as the browser sees it. */
  setOffline(isOffline: boolean): Promise<void>;
  /** SIGKILL to every process of the browser at once. */
  crash(): Promise<void>;
  /** Ends the browser and deletes the profile. */
  close(): Promise<void>;
}

/** Says what every page does before its own scripts. */
export type Prepare = (context: BrowserContext) => Promise<void>;

/** Makes a {@link Visitor}. The browser reaches nothing beyond this machine. */
export async function createVisitor(prepare: Prepare): Promise<Visitor> {
  const profile = await mkdtemp(join(tmpdir(), 'turnout-visitor-'));
  let running: { kill(): Promise<void>; browser: Browser; context: BrowserContext } | undefined;

  async function start() {
    const child = spawn(
      chromiumLaunch.executablePath ?? 'chromium',
      [
        ...chromiumLaunch.args,
        '--headless',
        '--remote-debugging-port=0',
        `--user-data-dir=${profile}`,
        '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
        'about:blank',
      ],
      // A process group of its own, so that a crash takes the renderers and the storage service too.
      { detached: true, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const browser = await chromium.connectOverCDP(await debuggerOf(child));
    const [context] = browser.contexts();
    if (!context) throw new Error('Chromium came without its default context.');
    await prepare(context);
    return {
      browser,
      context,
      async kill() {
        if (child.exitCode === null && child.pid) process.kill(-child.pid, 'SIGKILL');
        await ended;
      },
    };
  }

  async function crash() {
    if (!running) return;
    const { kill, browser } = running;
    running = undefined;
    await kill();
    await browser.close(); // Only our end of the connection is left of it.
  }

  return {
    async open(url) {
      running ??= await start();
      const page = await running.context.newPage();
      await page.goto(url);
      return page;
    },
    setOffline: async (isOffline) => running?.context.setOffline(isOffline),
    crash,
    async close() {
      await crash();
      await rm(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

function debuggerOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const [, address] = /DevTools listening on (ws:\S+)/.exec(said) ?? [];
      if (address) resolve(address);
    });
    child.once('exit', (code) => reject(new Error(`Chromium ended with ${code}: ${said}`)));
  });
}
