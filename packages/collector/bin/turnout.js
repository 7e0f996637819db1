#!/usr/bin/env node
// Help that goes into a file or a pager has no colours. Whoever draws them looks at this when it is loaded.
if (!process.stdout.isTTY) process.env.NO_COLOR ??= '1';
await import('../dist/cli.js');
