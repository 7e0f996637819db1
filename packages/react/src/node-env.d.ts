/** What bundlers put in its place; there is no `process` in a browser. */
declare const process: { env: { NODE_ENV?: string } };
