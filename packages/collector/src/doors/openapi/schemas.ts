/**
 * The schemas of `/openapi.json`: made from the zod schemas that judge what comes in, so they cannot drift apart.
 */
import { batchSchema, contextSchema, interactionSchema, MAX_INTERACTIONS } from '@turnout/schema';
import { z } from 'zod';
import { entitySchema, personSchema } from '../../catalog-lines.ts';
import { RECORD_KINDS } from '../server/routes.ts';

/** A schema as JSON Schema 2020-12, which is what OpenAPI 3.1 speaks. */
export type JsonSchema = { [key: string]: unknown };

export const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

/** What a sender may write: what a field becomes here is our own affair. */
function shapeOf(schema: z.ZodType): JsonSchema & { properties?: { [name: string]: JsonSchema } } {
  const { $schema: _, ...shape } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return shape as JsonSchema;
}

const text = { type: 'string' };
const anything = { type: 'object', additionalProperties: true };

export function schemas(): { [name: string]: JsonSchema } {
  const interaction = shapeOf(interactionSchema);
  const batch = shapeOf(batchSchema);
  return {
    Batch: {
      ...batch,
      description:
        'The interactions of one visitor in one session. One of visitor_id, user_id and cookieless must be there; session_id too, unless cookieless.',
      properties: {
        ...batch.properties,
        contexts: { ...batch.properties?.contexts, items: ref('PageContext') },
        interactions: {
          ...batch.properties?.interactions,
          maxItems: MAX_INTERACTIONS,
          items: ref('Interaction'),
        },
      },
    },
    Interaction: {
      ...interaction,
      description: 'One tracked thing a visitor did. Unknown fields are left out, and counted.',
      properties: { ...interaction.properties, props: { ...interaction.properties?.props, ...anything } },
    },
    PageContext: { ...shapeOf(contextSchema), description: 'The page that interactions happened on.' },
    Answer: {
      type: 'object',
      description:
        'Every accepted one is on disk. What was accepted and what is listed add up to what was sent.',
      properties: {
        accepted: { type: 'integer', minimum: 0, description: 'Duplicates included.' },
        rejected: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              index: { type: 'integer', minimum: 0, description: 'Its place in what was sent, from 0.' },
              id: { type: ['string', 'null'], description: 'Its id, where it had one.' },
              code: {
                ...text,
                enum: [
                  'invalid',
                  'unknown_type',
                  'time_out_of_range',
                  'missing_metadata',
                  'refused',
                  'conflict',
                  'erased',
                ],
              },
              message: { ...text, description: 'What is wrong and what to do.' },
            },
            required: ['index', 'id', 'code', 'message'],
          },
        },
      },
      required: ['accepted', 'rejected'],
    },
    Problem: {
      type: 'object',
      description: 'Nothing was taken, or told.',
      properties: {
        error: {
          type: 'object',
          properties: { code: text, message: { ...text, description: 'What is wrong and what to do.' } },
          required: ['code', 'message'],
        },
      },
      required: ['error'],
    },
    QueryView: {
      type: 'object',
      description: 'A view that can be asked.',
      properties: {
        name: text,
        comment: text,
        arguments: {
          type: 'array',
          items: {
            type: 'object',
            properties: { name: text, type: { ...text, description: 'As ClickHouse writes it.' } },
            required: ['name', 'type'],
          },
          description: 'What it has to be told, each by its name; a list with commas between its items.',
        },
        filters: { type: 'array', items: text, description: 'What picks rows, each by its name.' },
        columns: { type: 'array', items: ref('QueryColumn') },
        example: { ...text, description: 'An address that works.' },
      },
      required: ['name', 'comment', 'filters', 'columns', 'example'],
    },
    QueryColumn: {
      type: 'object',
      description: 'A column of a view.',
      properties: {
        name: text,
        type: { ...text, description: 'As ClickHouse writes it.' },
        comment: { ...text, description: 'What it counts.' },
      },
      required: ['name', 'type'],
    },
    QueryAnswer: {
      type: 'object',
      description:
        'Rows of a view. Whole numbers of 64 bits and money are text, so that nothing is rounded; days and moments are ISO 8601.',
      properties: {
        view: text,
        site: text,
        columns: { type: 'array', items: ref('QueryColumn') },
        rows: { type: 'array', items: anything },
        next: { ...text, description: 'The address of the next page; left out on the last one.' },
      },
      required: ['view', 'site', 'columns', 'rows'],
    },
    ...Object.fromEntries(
      Object.entries(RECORD_KINDS).map(([kind, { schema, summary }]) => [
        nameOfRecord(kind),
        { ...shapeOf(schema), description: summary },
      ]),
    ),
    CatalogEntity: { ...shapeOf(entitySchema), description: 'What a thing is.' },
    CatalogPerson: {
      ...shapeOf(personSchema),
      description: 'What a person is like; either user_id or visitor_id.',
    },
    SegmentMessage: {
      type: 'object',
      description: 'A message of the public Segment HTTP API. docs/segment.md says what becomes of it.',
      properties: {
        type: { ...text, enum: ['track', 'page', 'screen', 'identify', 'group', 'alias'] },
        messageId: { ...text, description: 'Names the message: sent twice, it counts once.' },
        anonymousId: { ...text, description: 'The visitor. This or userId must be there.' },
        userId: { ...text, description: 'The signed-in person.' },
        previousId: { ...text, description: 'Of alias: the visitor that userId was.' },
        groupId: { ...text, description: 'Of group.' },
        event: { ...text, description: 'Of track: such as "Order Completed".' },
        name: { ...text, description: 'Of page and screen.' },
        properties: anything,
        traits: anything,
        context: {
          ...anything,
          description: 'page, campaign, locale, userAgent, library and sessionId are read.',
        },
        integrations: anything,
        timestamp: { ...text, format: 'date-time' },
        sentAt: { ...text, format: 'date-time', description: "Corrects the client's clock." },
        writeKey: { ...text, description: 'The key of the site, where there is no Basic authentication.' },
      },
    },
    SegmentBatch: {
      type: 'object',
      properties: {
        batch: { type: 'array', items: ref('SegmentMessage') },
        sentAt: { ...text, format: 'date-time' },
        writeKey: text,
      },
      required: ['batch'],
    },
    SegmentAnswer: { type: 'object', properties: { success: { const: true } }, required: ['success'] },
  };
}

/** `sale` → `Sale`. */
export const nameOfRecord = (kind: string): string => kind.charAt(0).toUpperCase() + kind.slice(1);
