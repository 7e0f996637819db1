/** What bundlers put in its place; there is no `process` in a browser. An app may read more of its own. */
declare const process: { env: { [name: string]: string | undefined; NODE_ENV?: string } };
