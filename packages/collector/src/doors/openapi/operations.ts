/**
 * Every address of a collector and what it takes and gives. A test compares this list with the routes of the app:
 * a route that is not here fails it.
 */
import { INTERACTIONS_PATH } from '@turnout/schema';
import { DEFAULT_LIMIT, MAX_LIMIT, MAX_OFFSET } from '../../query/read-question.ts';
import { QUERY_PATH } from '../../query/routes.ts';
import { MAX_IMPORT_LINES } from '../import-lines.ts';
import { SEGMENT_BATCHES, SEGMENT_CALLS } from '../segment/routes.ts';
import { RECORD_KINDS } from '../server/routes.ts';
import { type JsonSchema, nameOfRecord, ref } from './schemas.ts';

/** What a caller shows: see `securitySchemes` in document.ts. */
export type Shown = 'writeKey' | 'segmentKey' | 'secretKey' | 'adminToken' | 'metricsToken';

export interface Operation {
  tag: 'Browsers' | 'Segment' | 'Servers' | 'Numbers' | 'People and catalogue' | 'Commands' | 'Health';
  summary: string;
  shown?: readonly Shown[];
  parameters?: readonly JsonSchema[];
  body?: { [mediaType: string]: JsonSchema };
  /** The answer when all is well. */
  status: number;
  answer: { [mediaType: string]: JsonSchema };
  /** Other answers, each a Problem. */
  problems: readonly number[];
  /** The status of what has the same body and is not well. */
  unwell?: number;
}

const text = { type: 'string' };
const json = (schema: JsonSchema) => ({ 'application/json': schema });
const inQuery = (name: string, description: string, schema: JsonSchema = text) => ({
  name,
  in: 'query',
  description,
  schema,
});
const site = inQuery('site', 'Which site, where the admin token is shown.');
const writeKey = { ...inQuery('key', 'A write key of the site.'), required: true };
const progress = {
  'text/plain': {
    ...text,
    description: 'Lines of JSON: {"progress":…} while it runs; last the result, or {"error":…}.',
  },
};
const watched = {
  'text/plain': {
    ...text,
    description:
      'Lines of JSON until either side leaves: {"accepted": row}, {"rejected": row}, {"missed": how many}, or {} when nothing came for a while.',
  },
};
const ids = json({
  type: 'object',
  properties: { ids: { type: 'array', items: text, minItems: 1, maxItems: 10_000 } },
  required: ['ids'],
});

const day = { ...text, format: 'date' };
const toQuery = [400, 401, 403, 429, 503] as const;
const toDoor = [400, 401, 403, 413, 429, 503] as const;

const segment = (summary: string, schema: JsonSchema): Operation => ({
  tag: 'Segment',
  summary,
  shown: ['segmentKey'],
  body: { ...json(schema), 'text/plain': schema },
  status: 200,
  answer: json(ref('SegmentAnswer')),
  problems: toDoor,
});

/** `METHOD /path` → what it does. */
export const OPERATIONS: { readonly [operation: string]: Operation } = {
  [`POST ${INTERACTIONS_PATH}`]: {
    tag: 'Browsers',
    summary: 'Takes a batch. The answer comes when it is on disk. Plain or gzip, as JSON or as text.',
    shown: ['writeKey'],
    parameters: [
      inQuery('attempt', '0 for the first attempt, then 1, 2 …; left out, every row is looked up.', {
        type: 'integer',
        minimum: 0,
      }),
      inQuery('sent_at', "The sender's clock when it left, ms since 1970.", { type: 'integer', minimum: 0 }),
      inQuery('automated', '1 when a program drives the browser: its rows are flagged as a bot.', {
        type: 'integer',
      }),
    ],
    body: { ...json(ref('Batch')), 'text/plain': ref('Batch') },
    status: 202,
    answer: json(ref('Answer')),
    problems: toDoor,
  },
  'GET /{file}': {
    tag: 'Browsers',
    summary: 'The script tag: t.js, t-all.js, t-debug.js and versions that never change, such as t-0.1.0.js.',
    parameters: [{ name: 'file', in: 'path', required: true, schema: text }],
    status: 200,
    answer: { 'text/javascript': text },
    problems: [404],
  },
  ...Object.fromEntries(
    Object.entries(SEGMENT_CALLS).map(([path, call]) => [
      `POST ${path}`,
      segment(`Takes a message of Segment's clients: ${call}.`, ref('SegmentMessage')),
    ]),
  ),
  ...Object.fromEntries(
    SEGMENT_BATCHES.map((path) => [
      `POST ${path}`,
      segment("Takes a batch of Segment's clients. Each message is judged alone.", ref('SegmentBatch')),
    ]),
  ),
  'GET /v1/projects/{key}/settings': {
    tag: 'Segment',
    summary: "The settings that Segment's browser client loads before it sends: send here.",
    parameters: [{ name: 'key', in: 'path', required: true, schema: text }],
    status: 200,
    answer: json({ type: 'object' }),
    problems: [404, 429],
  },
  ...Object.fromEntries(
    Object.entries(RECORD_KINDS).map(([kind, { summary }]): [string, Operation] => [
      `POST /v1/ingest/${kind}`,
      {
        tag: 'Servers',
        summary,
        shown: ['secretKey', 'adminToken'],
        parameters: [
          site,
          {
            name: 'Idempotency-Key',
            in: 'header',
            description: 'Names the record, where it does not name itself: sent twice, it counts once.',
            schema: { ...text, maxLength: 200 },
          },
        ],
        body: json({
          oneOf: [
            ref(nameOfRecord(kind)),
            { type: 'array', maxItems: 1_000, items: ref(nameOfRecord(kind)) },
          ],
        }),
        status: 202,
        answer: json(ref('Answer')),
        problems: toDoor,
      },
    ]),
  ),
  [`GET ${QUERY_PATH}`]: {
    tag: 'Numbers',
    summary: 'What can be asked: each view with its columns, what picks its rows, and an example.',
    shown: ['secretKey', 'adminToken'],
    parameters: [site],
    status: 200,
    answer: json({
      type: 'object',
      properties: { views: { type: 'array', items: ref('QueryView') } },
      required: ['views'],
    }),
    problems: toQuery,
  },
  [`GET ${QUERY_PATH}/{view}`]: {
    tag: 'Numbers',
    summary: `Rows of a view of one site. Beside what is here, each of its "filters" picks rows by equality (given twice: either value), and its "arguments" have to be told; GET ${QUERY_PATH} lists both.`,
    shown: ['secretKey', 'adminToken'],
    parameters: [
      { name: 'view', in: 'path', required: true, schema: text },
      site,
      inQuery('from', 'The first day, of views of days, in the time zone of the site.', day),
      inQuery('to', 'The last day.', day),
      inQuery('columns', 'Names of columns with commas between them; all when left out.'),
      inQuery('order', 'Columns to sort by with commas between them, "-" before one for the largest first.'),
      inQuery('limit', 'Rows of a page.', {
        type: 'integer',
        minimum: 1,
        maximum: MAX_LIMIT,
        default: DEFAULT_LIMIT,
      }),
      inQuery('after', 'Where a page begins, without "order": from the "next" of the page before.'),
      inQuery('offset', 'Rows to leave out before the page.', {
        type: 'integer',
        minimum: 0,
        maximum: MAX_OFFSET,
      }),
    ],
    status: 200,
    answer: json(ref('QueryAnswer')),
    problems: [...toQuery, 404],
  },
  'PUT /v1/catalog': {
    tag: 'People and catalogue',
    summary: 'Says what things are and what people are like: one JSON object a line, or an array of them.',
    shown: ['secretKey', 'adminToken'],
    parameters: [site],
    body: { 'application/x-ndjson': { oneOf: [ref('CatalogEntity'), ref('CatalogPerson')] } },
    status: 200,
    answer: json({
      type: 'object',
      properties: {
        accepted: { type: 'integer' },
        rejected: {
          type: 'array',
          items: {
            type: 'object',
            properties: { line: { type: 'integer' }, code: text, message: text },
            required: ['line', 'code', 'message'],
          },
        },
      },
      required: ['accepted', 'rejected'],
    }),
    problems: toDoor,
  },
  'POST /v1/privacy/export': {
    tag: 'People and catalogue',
    summary: 'All that is stored about people, as a ZIP of JSON lines.',
    shown: ['secretKey', 'adminToken'],
    parameters: [site],
    body: ids,
    status: 200,
    answer: { 'application/zip': { ...text, format: 'binary' } },
    problems: [400, 401, 403, 413, 429, 503],
  },
  'POST /v1/privacy/erase': {
    tag: 'People and catalogue',
    summary: 'Erases people; the receipt comes when their data is gone from every table.',
    shown: ['secretKey', 'adminToken'],
    parameters: [site],
    body: ids,
    status: 200,
    answer: progress,
    problems: [400, 401, 403, 413, 429],
  },
  'POST /v1/admin/import': {
    tag: 'Commands',
    summary: 'Takes a batch of up to 25 months ago; every row is looked up.',
    shown: ['adminToken'],
    parameters: [writeKey],
    body: json(ref('Batch')),
    status: 202,
    answer: json(ref('Answer')),
    problems: toDoor,
  },
  'POST /v1/admin/import-lines': {
    tag: 'Commands',
    summary: `What "turnout import" sends: up to ${MAX_IMPORT_LINES} lines, each an interaction that says whose it is, or a batch.`,
    shown: ['adminToken'],
    parameters: [writeKey],
    body: { 'application/x-ndjson': text },
    status: 202,
    answer: json(ref('Answer')),
    problems: toDoor,
  },
  'POST /v1/admin/tail': {
    tag: 'Commands',
    summary: 'Tells what arrives, as it arrives.',
    shown: ['adminToken'],
    status: 200,
    answer: watched,
    problems: [401, 429, 503],
  },
  'POST /v1/admin/verify': {
    tag: 'Commands',
    summary: 'Recounts every rollup from raw.',
    shown: ['adminToken'],
    parameters: [inQuery('repair', '"true" rebuilds what differs.', { type: 'boolean' })],
    status: 200,
    answer: progress,
    problems: [401, 429],
  },
  'POST /v1/admin/backup': {
    tag: 'Commands',
    summary: 'Copies log, database and secret into a folder of the collector, while batches are taken.',
    shown: ['adminToken'],
    parameters: [
      {
        ...inQuery('to', 'The absolute path of a folder that is empty or not there yet.'),
        required: true,
      },
    ],
    status: 200,
    answer: progress,
    problems: [400, 401, 429],
  },
  'POST /v1/admin/train': {
    tag: 'Commands',
    summary: 'Fits the purchase probability anew.',
    shown: ['adminToken'],
    parameters: [
      inQuery('days', 'Days ahead, 7 when left out.', { type: 'integer', minimum: 1, maximum: 90 }),
    ],
    status: 200,
    answer: progress,
    problems: [400, 401, 429, 503],
  },
  'POST /v1/admin/remove-site': {
    tag: 'Commands',
    summary: 'Erases all data of a site that is in the sites file no longer.',
    shown: ['adminToken'],
    parameters: [inQuery('site', 'Its id.')],
    status: 200,
    answer: progress,
    problems: [401, 429],
  },
  'GET /healthz': {
    tag: 'Health',
    summary: 'The process answers.',
    status: 200,
    answer: { 'text/plain': text },
    problems: [],
  },
  'GET /readyz': {
    tag: 'Health',
    summary: 'Whether batches are taken and reach the database; 503 with the same body when not.',
    status: 200,
    answer: json({
      type: 'object',
      properties: {
        ready: { type: 'boolean' },
        checks: { type: 'object', additionalProperties: text },
      },
      required: ['ready', 'checks'],
    }),
    problems: [],
    unwell: 503,
  },
  'GET /metrics': {
    tag: 'Health',
    summary: 'Figures for Prometheus.',
    shown: ['adminToken', 'metricsToken'],
    status: 200,
    answer: { 'text/plain': text },
    problems: [401],
  },
  'GET /openapi.json': {
    tag: 'Health',
    summary: 'This document.',
    status: 200,
    answer: json({ type: 'object' }),
    problems: [],
  },
  'GET /docs': {
    tag: 'Health',
    summary: 'This document as a page.',
    status: 200,
    answer: { 'text/html': text },
    problems: [],
  },
};
