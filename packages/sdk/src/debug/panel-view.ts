/**
 * The panel's element. Clean under a strict Content-Security-Policy and Trusted Types: elements are made one by
 * one, text is text, and styles are an adopted sheet, in a shadow tree that the page's own styles do not reach.
 */
import type { Tally } from './tally.ts';

const STYLE = `
:host { all: initial; position: fixed; inset: auto 8px 8px auto; z-index: 2147483647; display: grid; gap: 8px;
  font: 12px/1.5 ui-monospace, monospace; }
details { width: 420px; max-width: 90vw; border: 1px solid #888; border-radius: 6px; background: #fff; color: #111; }
summary { padding: 6px 10px; cursor: pointer; }
ol { margin: 0; padding: 0 10px 8px; max-height: 40vh; overflow: auto; list-style: none; }
li { border-top: 1px solid #ddd; padding: 3px 0; overflow-wrap: anywhere; }
b { display: inline-block; min-width: 9ch; }
[data-state=sent] b { color: #06703b; } [data-state=queued] b { color: #7a5b00; }
[data-state=rejected] b, [data-state=problem] b { color: #b00020; }
small { display: block; font-size: inherit; color: #444; }`;

let shelf: ShadowRoot | undefined;

/** See {@link createPanelView}. */
interface PanelView {
  show(tally: Tally): void;
  remove(): void;
}

/** Puts a panel on the page, which shows a tally. */
export function createPanelView(key: string): PanelView {
  const panel = document.createElement('details');
  const summary = panel.appendChild(document.createElement('summary'));
  const list = panel.appendChild(document.createElement('ol'));
  openShelf().append(panel);
  let isDue = false;
  const draw = ({ counts, lines }: Tally) => {
    const { recorded, queued, sent, rejected, dropped } = counts;
    summary.textContent = `Turnout ${key}: ${recorded} recorded, ${queued} queued, ${sent} sent, ${rejected} rejected, ${dropped} dropped`;
    list.replaceChildren(
      ...[...lines].reverse().map(({ state, what, why }) => {
        const line = document.createElement('li');
        line.dataset.state = state;
        line.append(element('b', state), ` ${what}`);
        if (why) line.append(element('small', why));
        return line;
      }),
    );
  };
  return {
    show(tally) {
      if (isDue) return;
      isDue = true;
      // Once a frame, however much happens in it.
      requestAnimationFrame(() => {
        isDue = false;
        draw(tally);
      });
    },
    remove: () => panel.remove(),
  };
}

/** All trackers of a page share one place. */
function openShelf(): ShadowRoot {
  if (shelf?.host.isConnected) return shelf;
  const host = document.createElement('turnout-debug');
  shelf = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  shelf.adoptedStyleSheets = [sheet];
  document.documentElement.append(host);
  return shelf;
}

function element(name: 'b' | 'small', text: string): HTMLElement {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
