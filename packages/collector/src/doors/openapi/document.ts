import { OPERATIONS, type Operation, type Shown } from './operations.ts';
import { type JsonSchema, ref, schemas } from './schemas.ts';

/** An OpenAPI 3.1 document, as far as the page needs to know. */
export interface OpenApi {
  openapi: string;
  info: { title: string; version: string; description: string };
  tags: { name: string }[];
  paths: { [path: string]: { [method: string]: OpenApiOperation } };
  components: { schemas: { [name: string]: JsonSchema }; securitySchemes: { [name: string]: JsonSchema } };
}

export interface OpenApiOperation {
  operationId: string;
  tags: string[];
  summary: string;
  security: { [scheme: string]: string[] }[];
  parameters?: JsonSchema[];
  requestBody?: { required: boolean; content: { [mediaType: string]: { schema: JsonSchema } } };
  responses: {
    [status: string]: { description: string; content?: { [mediaType: string]: { schema: JsonSchema } } };
  };
}

const SECURITY_SCHEMES: { [scheme in Shown]: JsonSchema } = {
  writeKey: { type: 'apiKey', in: 'query', name: 'key', description: 'A write key of the site.' },
  segmentKey: {
    type: 'http',
    scheme: 'basic',
    description: 'The write key as user name, with an empty password; or "writeKey" in the body.',
  },
  secretKey: { type: 'http', scheme: 'bearer', description: 'A secret key of the site.' },
  adminToken: { type: 'http', scheme: 'bearer', description: 'The admin token of the collector.' },
  metricsToken: {
    type: 'http',
    scheme: 'bearer',
    description: 'TURNOUT_METRICS_TOKEN. From the machine itself nothing is wanted.',
  },
};

const WHAT_WENT_WRONG: { [status: number]: string } = {
  400: 'It cannot be read.',
  401: 'The key is missing, unknown or revoked.',
  403: 'The key is not for this site, or the page is on an origin that is not listed.',
  404: 'There is no such thing.',
  413: 'Too large: split it.',
  429: 'Too many requests. Send it again after Retry-After seconds.',
  503: 'Nothing can be taken now. Send it again after Retry-After seconds.',
};

/** The document of `/openapi.json`. */
export function openApi(): OpenApi {
  const paths: OpenApi['paths'] = {};
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    const [method = '', path = ''] = name.split(' ');
    paths[path] = { ...paths[path], [method.toLowerCase()]: toOperation(method, path, operation) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Turnout collector',
      version: '1',
      description:
        'Takes what fans do on live-music sites. An acknowledged interaction is on disk, and counts once.',
    },
    tags: [...new Set(Object.values(OPERATIONS).map(({ tag }) => tag))].map((tag) => ({ name: tag })),
    paths,
    components: { schemas: schemas(), securitySchemes: SECURITY_SCHEMES },
  };
}

function toOperation(method: string, path: string, operation: Operation): OpenApiOperation {
  const { tag, summary, shown = [], parameters, body, status, answer, problems, unwell } = operation;
  const problem = { 'application/json': { schema: ref('Problem') } };
  return {
    operationId: `${method.toLowerCase()}${path.replace(/[^a-zA-Z0-9]+(.)?/g, (_, next = '') => `_${next}`)}`,
    tags: [tag],
    summary,
    security: shown.map((scheme) => ({ [scheme]: [] })),
    ...(parameters ? { parameters: [...parameters] } : {}),
    ...(body ? { requestBody: { required: true, content: contentOf(body) } } : {}),
    responses: {
      [status]: { description: 'All is well.', content: contentOf(answer) },
      ...(unwell
        ? { [unwell]: { description: 'The body says what is missing.', content: contentOf(answer) } }
        : {}),
      ...Object.fromEntries(
        problems.map((code) => [code, { description: WHAT_WENT_WRONG[code] ?? '', content: problem }]),
      ),
    },
  };
}

function contentOf(types: { [mediaType: string]: JsonSchema }) {
  return Object.fromEntries(Object.entries(types).map(([type, schema]) => [type, { schema }]));
}
