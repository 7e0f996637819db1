/**
 * `t.js`: the script tag.
 */
import { startScript } from './start-script.ts';

startScript();
