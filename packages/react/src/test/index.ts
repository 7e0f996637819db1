/**
 * `@turnout/react/test`: components on a tracker of memory, with React's own means.
 */
export {
  createTrackingWrapper,
  renderTracked,
  type TrackedRender,
  type TrackingWrapper,
} from './render-tracked.ts';
