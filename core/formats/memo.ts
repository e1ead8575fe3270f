/** A function's answers to what it is asked again and again; when there are `most` of them all are forgotten. */
export function memo<Key, Answer>(most: number, answer: (key: Key) => Answer): (key: Key) => Answer {
  const known = new Map<Key, Answer>()
  return (key) => {
    let found = known.get(key)
    if (found === undefined) {
      if (known.size === most) known.clear()
      found = answer(key)
      known.set(key, found)
    }
    return found
  }
}
