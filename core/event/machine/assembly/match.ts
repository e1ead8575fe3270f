/**
 * Whether the bytes at `at` are those of a run: for each sixteen of them sixteen bytes of which bits count, and these bits; `blocks` of both. What is behind the run's
 * last byte does not count.
 */
export function matches(run: usize, at: usize, blocks: i32): bool {
  for (; blocks > 0; blocks--, run += 32, at += 16) {
    if (v128.any_true(v128.xor(v128.and(v128.load(at), v128.load(run)), v128.load(run, 16)))) return false
  }
  return true
}
