/**
 * `t-vitals.js`, beside `t.js`: what the script tag loads when it is to measure web vitals. A module, so
 * that `import()` brings it: no element is made, and no string becomes one.
 */
export { onCLS, onFCP, onINP, onLCP, onTTFB } from 'web-vitals';
