import type { createEngine } from './engine.ts';
import type { Ledger } from './ledger.ts';

/** What the collector has promised and not stored yet. */
export function findUnstored(ledger: Ledger, engine: ReturnType<typeof createEngine>): string[] {
  const { interactions: raw, rejected_interactions: rejected } = engine.counts();
  return [...ledger.facts.values()]
    .filter((fact) => fact.isAcknowledged && !(fact.isUnreadable ? rejected : raw)?.has(fact.key))
    .map(({ key }) => key);
}

/** What somebody promised to keep, and is nowhere. */
export function findLost(ledger: Ledger, engine: ReturnType<typeof createEngine>): string[] {
  const { interactions: raw, rejected_interactions: rejected } = engine.counts();
  const lost: string[] = [];
  for (const { key, isCommitted, isAcknowledged, isUnreadable } of ledger.facts.values()) {
    if ((isUnreadable ? rejected : raw)?.has(key)) continue;
    if (isAcknowledged) lost.push(`${key} was acknowledged and is lost`);
    else if (isCommitted) lost.push(`${key} was committed in the browser and is lost`);
  }
  return lost;
}

/** Every promise that the end of a schedule breaks. */
export function findBroken(ledger: Ledger, engine: ReturnType<typeof createEngine>): string[] {
  const { interactions: raw, rejected_interactions: rejected, ...rest } = engine.counts();
  const broken = findLost(ledger, engine);
  const rollups = Object.entries(rest);
  for (const { key, isUnreadable } of ledger.facts.values()) {
    const count = raw?.get(key) ?? 0;
    if (isUnreadable && count > 0) broken.push(`${key} is stored although nobody can read it`);
    if (count > 1) broken.push(`${key} is stored ${count} times`);
    for (const [name, counts] of rollups) {
      const counted = counts.get(key) ?? 0;
      if (counted !== count) broken.push(`${name} counts ${key} ${counted} times, raw ${count} times`);
    }
  }
  for (const key of raw?.keys() ?? []) if (!ledger.facts.has(key)) broken.push(`${key} was never recorded`);
  for (const key of rejected?.keys() ?? []) {
    if (!ledger.facts.get(key)?.isUnreadable) broken.push(`${key} was rejected`);
  }
  return broken;
}
