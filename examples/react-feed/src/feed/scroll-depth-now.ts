/** How far the page is scrolled, in percent. */
export function scrollDepthNow(): number {
  const { scrollTop, scrollHeight, clientHeight } = document.documentElement;
  return Math.round((scrollTop / (scrollHeight - clientHeight)) * 100) || 0;
}
