/**
 * Asks the registry for known holes in what users install, and fails on grave ones. A machine without a network, or a
 * mirror that knows none, is no failure: it says clearly that nothing was audited.
 */
import { spawnSync } from 'node:child_process';

const PATIENCE_MS = Number(process.argv[2] ?? 10_000);
const GRAVE = new Set(['high', 'critical']);

const { stdout, error } = spawnSync(
  'npm',
  [
    'audit',
    '--omit=dev',
    '--audit-level=high',
    '--json',
    '--fetch-retries=0',
    `--fetch-timeout=${PATIENCE_MS - 2_000}`,
  ],
  { encoding: 'utf8', timeout: PATIENCE_MS, maxBuffer: 64 * 1024 * 1024 },
);
const report = read(stdout ?? '');

if (!report?.vulnerabilities) {
  const reason = error?.message ?? report?.message ?? 'npm gave no report';
  console.log(
    `NOT AUDITED: the registry does not answer (${reason}). Run "npm run check:audit" where it does.`,
  );
} else {
  const grave = Object.values(report.vulnerabilities).filter(({ severity }) => GRAVE.has(severity));
  for (const { name, severity, via } of grave) {
    const reasons = via.map((one) =>
      typeof one === 'string' ? `through ${one}` : `${one.title} ${one.url}`,
    );
    console.error(`${severity}: ${name}: ${reasons.join('; ')}`);
  }
  if (grave.length > 0) {
    console.error('Update these, or say in a decision record why they cannot reach us.');
    process.exitCode = 1;
  } else {
    console.log('No known grave holes in what users install.');
  }
}

function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Cut off, or not npm speaking: the same as no answer.
  }
}
