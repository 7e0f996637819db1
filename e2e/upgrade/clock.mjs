/**
 * Moves the clock of a Node process to TURNOUT_TEST_TIME, from where it goes on: `NODE_OPTIONS="--import …/clock.mjs"`.
 *
 * What lies in an archived data directory is as old as the archive. By the machine's clock it would one day be too old
 * to be sent again, and then too old to be kept.
 */
const ahead = Date.parse(process.env.TURNOUT_TEST_TIME ?? '') - Date.now();
const Real = Date;

globalThis.Date = class extends Real {
  constructor(...given) {
    if (given.length === 0) super(Real.now() + ahead);
    else super(...given);
  }
  static now() {
    return Real.now() + ahead;
  }
};
