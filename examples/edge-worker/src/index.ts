// The collector is a whole worker: its entry and the class of the Durable Object behind it.
export { default, TurnoutWriter } from '@turnout/collector/worker';
