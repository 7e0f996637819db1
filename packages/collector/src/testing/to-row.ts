import type { Interaction, InteractionRow } from '@turnout/schema';
import { batchColumns, type Facts, type OwnFacts, ownColumns } from '../enrich.ts';
import type { BatchHead } from '../judge.ts';
import { columnsJson, rowJson } from '../row-json.ts';

/** The row of an interaction as the log gets it, read back from its JSON. */
export function toRow(
  interaction: Interaction,
  batch: BatchHead,
  facts: Facts & Omit<OwnFacts, 'sender'>,
): InteractionRow {
  const sender = batchColumns(batch, facts);
  const page = batch.contexts?.[interaction.context ?? -1] ?? {};
  return JSON.parse(
    rowJson(
      columnsJson(ownColumns(interaction, batch, facts, { ...facts, sender })),
      columnsJson(sender),
      columnsJson(page),
    ),
  );
}
