/** Whether a path of `--site` may name a file: hidden ones stay hidden. */
export function isShown(path: string): boolean {
  try {
    return !decodeURIComponent(path).includes('/.');
  } catch {
    return false; // A per cent sign that encodes nothing names no file.
  }
}
