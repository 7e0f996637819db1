/**
 * The document of the API as one page: no script, nothing from elsewhere, and all text escaped.
 */
import type { OpenApi, OpenApiOperation } from './document.ts';
import type { JsonSchema } from './schemas.ts';

/** Its only style. The policy of the page names its digest, and lets nothing else in. */
export const PAGE_STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1b1f;background:#fff}' +
  'code{font:0.9em ui-monospace,monospace}h3{margin:2.5rem 0 .25rem}h3 b{color:#7a1f5c}table{border-collapse:collapse;width:100%;margin:.5rem 0}' +
  'td,th{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #ddd}' +
  '@media(prefers-color-scheme:dark){body{color:#e7e7ea;background:#16161a}h3 b{color:#f09fd3}a{color:#8ab4ff}td,th{border-color:#3a3a42}}';

export function docsPage({ info, tags, paths, components }: OpenApi): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const sections = tags.map(({ name }) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(name));
    return `<h2>${escaped(name)}</h2>${own.map(operationHtml).join('')}`;
  });
  const shapes = Object.entries(components.schemas).map(
    ([name, schema]) => `<h3 id="${escaped(name)}"><code>${escaped(name)}</code></h3>${schemaHtml(schema)}`,
  );
  const keys = Object.entries(components.securitySchemes).map(
    ([name, scheme]) =>
      `<tr><td><code>${escaped(name)}</code></td><td><code>${escaped(placeOf(scheme))}</code></td>` +
      `<td>${escaped(String(scheme.description))}</td></tr>`,
  );
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
    `<title>${escaped(info.title)}</title><style>${PAGE_STYLE}</style></head><body>` +
    `<h1>${escaped(info.title)}</h1><p>${escaped(info.description)} As a document: <a href="openapi.json">openapi.json</a>.</p>` +
    `<h2>Keys</h2><table>${keys.join('')}</table>${sections.join('')}<h2>Schemas</h2>${shapes.join('')}</body></html>\n`
  );
}

/** Where a request carries a key. */
const placeOf = ({ type, name, scheme }: JsonSchema) =>
  type === 'apiKey' ? `?${name}=…` : `Authorization: ${scheme === 'basic' ? 'Basic' : 'Bearer'} …`;

function operationHtml({
  path,
  method,
  operation,
}: {
  path: string;
  method: string;
  operation: OpenApiOperation;
}): string {
  const { summary, security, parameters = [], requestBody, responses } = operation;
  const keys = security.flatMap((it) => Object.keys(it));
  const rows = [
    ['Key', keys.length > 0 ? keys.map((key) => `<code>${escaped(key)}</code>`).join(' or ') : 'none'],
    ...parameters.map((it) => [
      `<code>${escaped(String(it.name))}</code> in ${escaped(String(it.in))}`,
      escaped(String(it.description ?? '')),
    ]),
    ...Object.entries(requestBody?.content ?? {}).map(([type, { schema }]) => [
      `Body <code>${escaped(type)}</code>`,
      typeHtml(schema),
    ]),
    ...Object.entries(responses).map(([status, { description, content }]) => [
      `Answer <code>${escaped(status)}</code>`,
      `${escaped(description)} ${Object.values(content ?? {})
        .map(({ schema }) => typeHtml(schema))
        .join(' ')}`,
    ]),
  ];
  return (
    `<h3><b>${escaped(method)}</b> <code>${escaped(path)}</code></h3><p>${escaped(summary)}</p>` +
    `<table>${rows.map(([name, value]) => `<tr><th>${name}</th><td>${value}</td></tr>`).join('')}</table>`
  );
}

function schemaHtml(schema: JsonSchema): string {
  const properties = (schema.properties ?? {}) as { [name: string]: JsonSchema };
  const required = new Set((schema.required ?? []) as string[]);
  const rows = Object.entries(properties).map(
    ([name, property]) =>
      `<tr><td><code>${escaped(name)}</code>${required.has(name) ? ' *' : ''}</td><td>${typeHtml(property)}</td>` +
      `<td>${escaped(String(property.description ?? ''))}</td></tr>`,
  );
  return `<p>${escaped(String(schema.description ?? ''))} Fields with * are required.</p><table>${rows.join('')}</table>`;
}

/** What kind of value it is, in a few words. */
function typeHtml(schema: JsonSchema): string {
  if (typeof schema.$ref === 'string') {
    const name = escaped(schema.$ref.split('/').at(-1) ?? '');
    return `<a href="#${name}">${name}</a>`;
  }
  const either = (schema.oneOf ?? schema.anyOf) as JsonSchema[] | undefined;
  if (either) return either.map(typeHtml).join(' or ');
  if (Array.isArray(schema.enum))
    return schema.enum.map((it) => `<code>${escaped(JSON.stringify(it))}</code>`).join(' ');
  if ('const' in schema) return `<code>${escaped(JSON.stringify(schema.const))}</code>`;
  if (schema.type === 'array') return `list of ${typeHtml((schema.items ?? {}) as JsonSchema)}`;
  const type = schema.type ?? 'anything';
  return escaped(Array.isArray(type) ? type.join(' or ') : String(type));
}

const ENTITIES: { [character: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
