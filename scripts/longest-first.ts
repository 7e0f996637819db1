/**
 * Starts the longest test files first, whatever project they are of.
 *
 * By itself vitest runs one project after the other: all files that wait for browsers and processes beside each other,
 * and then all that keep a core busy, with the longest of them alone at the end.
 */
import { existsSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What takes longer than 20 s, longest first. It need not be exact. */
const LONGEST = [
  'e2e/simulation/delivery.test.ts',
  'packages/schema/src/erase.test.ts',
  'e2e/delivery/delivery.e2e.test.ts',
  'e2e/react-feed/sponsored.e2e.test.ts',
  'packages/collector/src/worker-delivery.test.ts',
  'packages/collector/src/worker.test.ts',
  'packages/schema/src/backfill-at-rest.test.ts',
  'e2e/hostile.e2e.test.ts',
  'e2e/venue-site.e2e.test.ts',
  'e2e/import.e2e.test.ts',
  'e2e/react-feed/feed.e2e.test.ts',
  'e2e/react-feed/commerce.e2e.test.ts',
  'e2e/site-of-several-collectors.e2e.test.ts',
  'e2e/kill.e2e.test.ts',
  'packages/schema/src/backfill.test.ts',
  'packages/collector/src/doors/orders.test.ts',
  'packages/collector/src/doors/order-lines.test.ts',
  'e2e/react-feed/people.e2e.test.ts',
  'e2e/react-feed/browse.e2e.test.ts',
  'e2e/several-collectors.e2e.test.ts',
  'e2e/commands.e2e.test.ts',
  'packages/collector/src/node.test.ts',
  'packages/schema/src/verify.test.ts',
  'packages/collector/src/crash-points.test.ts',
  'e2e/segment.e2e.test.ts',
  'packages/collector/src/privacy/removed-elsewhere.test.ts',
  'packages/schema/src/cluster-rows.test.ts',
  'e2e/next-app.e2e.test.ts',
  'e2e/csp.e2e.test.ts',
  'e2e/site.e2e.test.ts',
  'e2e/rolling-restart.e2e.test.ts',
  'e2e/simulation/mutations.test.ts',
  'e2e/upgrade.e2e.test.ts',
  'packages/collector/src/archive.test.ts',
  'packages/collector/src/catalog.test.ts',
  'e2e/ticket-links.e2e.test.ts',
  'packages/collector/src/privacy/privacy.test.ts',
];

/** What vitest asks for the order of files is a class. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const gone = LONGEST.filter((path) => !existsSync(`${ROOT}${path}`));
    if (gone.length > 0)
      throw new Error(
        `There is no ${gone.join(', ')}: say in scripts/longest-first.ts what it is called now.`,
      );
    const rank = ({ moduleId }: TestSpecification) => {
      const at = LONGEST.indexOf(relative(ROOT, moduleId).split(sep).join('/'));
      return at < 0 ? LONGEST.length : at;
    };
    const others = await super.sort(files);
    return others.sort((a, b) => rank(a) - rank(b));
  }
}
