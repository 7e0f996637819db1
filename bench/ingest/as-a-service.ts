/** What the unit and the container of docs/operations.md set: what is measured is what a service does. */
export const AS_A_SERVICE = { NODE_OPTIONS: '--max-semi-space-size=64' };
