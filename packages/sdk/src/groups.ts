/** Adds a value to those of a key; gives what takes it away again. A key without values is forgotten. */
export function addTo<Key, Value>(groups: Map<Key, Set<Value>>, key: Key, value: Value): () => void {
  const group = groups.get(key) ?? new Set();
  groups.set(key, group.add(value));
  return () => {
    if (group.delete(value) && !group.size) groups.delete(key);
  };
}
