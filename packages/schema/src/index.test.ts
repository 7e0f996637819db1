import { expect, test } from 'vitest';
import * as schema from './index.ts';

test('exports these names and no others', () => {
  expect(Object.keys(schema)).toMatchInlineSnapshot(`
    [
      "defineCatalog",
      "missingMetadata",
      "explain",
      "batchSchema",
      "contextSchema",
      "interactionSchema",
      "isPlainBatch",
      "isPlainContext",
      "isPlainInteraction",
      "liveMusic",
      "INTERACTIONS_PATH",
      "QUERY",
      "MAX_BATCH_BYTES",
      "MAX_BODY_BYTES",
      "MAX_INTERACTIONS",
      "MAX_ID_LENGTH",
      "MAX_TEXT_LENGTH",
      "MAX_PROPS_LENGTH",
      "MAX_PROPS_DEPTH",
      "MAX_PROPS_KEYS",
      "ACCEPTED_PAST_MS",
      "ACCEPTED_FUTURE_MS",
      "INTERACTION_TYPES",
      "ENTITY_TYPES",
      "keepTrait",
    ]
  `);
});
