/** One line of JSON for each thing worth knowing: what the platform's log shows and searches. */
export const edgeLog = {
  warn: (details: object, msg: string) => console.warn(JSON.stringify({ level: 'warn', msg, ...details })),
  error: (details: object, msg: string) => console.error(JSON.stringify({ level: 'error', msg, ...details })),
};
