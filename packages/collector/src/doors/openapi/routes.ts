import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { Hono } from 'hono';
import { openApi } from './document.ts';
import { docsPage, PAGE_STYLE } from './page.ts';

const MAX_AGE_SECONDS = 300;

/** `/openapi.json` says what this collector takes, and `/docs` shows it to people. */
export function createDocs(): Hono {
  const docs = new Hono();
  const style = btoa(String.fromCharCode(...sha256(utf8ToBytes(PAGE_STYLE))));
  // Made when somebody asks: most collectors are never asked.
  let json: string | undefined;
  let page: string | undefined;

  docs.get('/openapi.json', (c) => {
    json ??= JSON.stringify(openApi());
    c.header('Access-Control-Allow-Origin', '*');
    c.header('Cache-Control', `public, max-age=${MAX_AGE_SECONDS}`);
    return c.body(json, 200, { 'Content-Type': 'application/json' });
  });
  docs.get('/docs', (c) => {
    page ??= docsPage(openApi());
    c.header(
      'Content-Security-Policy',
      `default-src 'none'; style-src 'sha256-${style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    c.header('Cache-Control', `public, max-age=${MAX_AGE_SECONDS}`);
    return c.html(page);
  });
  return docs;
}
