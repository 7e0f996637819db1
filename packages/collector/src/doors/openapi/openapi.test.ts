import { Validator } from '@seriousme/openapi-schema-validator';
import { batchSchema, interactionSchema } from '@turnout/schema';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig, startCollector } from '../../node.ts';
import { anApp } from '../../testing/app.ts';
import { anEngineForThisFile } from '../../testing/engine.ts';
import { aFolder } from '../../testing/temporary.ts';
import { type OpenApi, openApi } from './document.ts';
import { docsPage } from './page.ts';

const { engine } = anEngineForThisFile();

async function served(): Promise<OpenApi> {
  const response = await anApp().app.request('/openapi.json');
  expect(response.headers.get('Content-Type')).toBe('application/json');
  return (await response.json()) as OpenApi;
}

test('is a valid OpenAPI 3.1 document, by a validator of others', async () => {
  const validator = new Validator();

  expect(await validator.validate({ ...(await served()) })).toEqual({ valid: true });
  expect(validator.version).toBe('3.1');
});

test('names schemas that are there, and no others', async () => {
  const document = await served();

  const named = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
    ([, name]) => name,
  );
  expect([...new Set(named)].sort()).toEqual(Object.keys(document.components.schemas).sort());
});

test('has every route of a whole collector', async () => {
  const { host } = new URL(engine().url());
  const config = readConfig(
    { port: '0', dataDir: await aFolder() },
    { TURNOUT_CLICKHOUSE_URL: `http://turnout:${engine().password}@${host}` },
  );
  const routes = new Set<string>();
  const collector = await startCollector(config, {
    log: { info: () => {}, warn: () => {}, error: () => {} },
    extend(app) {
      for (const { method, path } of app.routes) {
        // What requests pass on their way, and preflights, are no operations.
        if (method === 'ALL' || method === 'OPTIONS') continue;
        routes.add(`${method} ${path.replace(/:(\w+)(\{(?:[^{}]|\{[^{}]*\})*\})?/g, '{$1}')}`);
      }
    },
  });
  onTestFinished(collector.close);

  const documented = Object.entries(openApi().paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(documented.sort()).toEqual([...routes].sort());
});

test('says of interactions what the judge asks for', async () => {
  const { Interaction, Batch, Sale } = (await served()).components.schemas;

  expect(Object.keys(Interaction?.properties as object)).toEqual(Object.keys(interactionSchema.shape));
  expect(Interaction?.required).toEqual(['id', 'type', 'occurred_at']);
  expect(Batch?.required).toEqual(['batch_id', 'interactions']);
  expect(Sale?.required).toEqual(['occurred_at', 'order_id']);
  expect(Object.keys(Batch?.properties as object)).toEqual(Object.keys(batchSchema.shape));
});

test('says that the health of a collector that is not ready has the same body', async () => {
  const { app } = anApp({ readiness: async () => ({ ready: false, checks: { migrations: 'not applied' } }) });

  const { status } = await app.request('/readyz');

  const said = (await served()).paths['/readyz']?.get?.responses;
  expect(said?.[status]?.content).toEqual(said?.[200]?.content);
  expect(status).toBe(503);
});

test('is a page without script, under a policy that lets nothing in but its own style', async () => {
  const response = await anApp().app.request('/docs');

  const page = await response.text();
  expect(response.headers.get('Content-Security-Policy')).toMatch(
    /^default-src 'none'; style-src 'sha256-[\w+/]+=*'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
  );
  expect(page).not.toMatch(/<script|<link|<img|\son\w+=|style=|https?:\/\//);
  for (const path of Object.keys(openApi().paths)) expect(page).toContain(`<code>${path}</code>`);
  // Who has a key reads where a request carries it.
  for (const place of ['?key=…', 'Authorization: Basic …', 'Authorization: Bearer …'])
    expect(page).toContain(`<code>${place}</code>`);
});

test('escapes all text of the page', () => {
  const bad = `<script>alert("x")</script>&'`;
  const document = openApi();
  const operation = {
    operationId: bad,
    tags: [bad],
    summary: bad,
    security: [{ [bad]: [] }],
    parameters: [{ name: bad, in: bad, description: bad }],
    requestBody: { required: true, content: { [bad]: { schema: { $ref: bad } } } },
    responses: { [bad]: { description: bad, content: { [bad]: { schema: { enum: [bad] } } } } },
  };
  const page = docsPage({
    ...document,
    info: { title: bad, version: bad, description: bad },
    tags: [{ name: bad }],
    paths: { [bad]: { [bad]: operation } },
    components: {
      schemas: { [bad]: { description: bad, properties: { [bad]: { const: bad, description: bad } } } },
      securitySchemes: { [bad]: { description: bad } },
    },
  });

  expect(page).not.toContain('<script');
  expect(page).not.toContain('SCRIPT>');
});
