import { type RefObject, useInsertionEffect, useRef } from 'react';

/** The value of the latest committed render, for what is recorded later than it was declared. */
export function useLatest<Value>(value: Value): RefObject<Value> {
  const latest = useRef(value);
  // Before all other effects of the same commit. Unlike a layout effect it says nothing on a server.
  useInsertionEffect(() => {
    latest.current = value;
  });
  return latest;
}
