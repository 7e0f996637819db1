import type { NextConfig } from 'next';

export default {
  // Types are checked with all others of the repository: `npm run typecheck`.
  typescript: { ignoreBuildErrors: true },
} satisfies NextConfig;
