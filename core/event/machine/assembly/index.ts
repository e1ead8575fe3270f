/**
 * What is done for each record that repeats, as WebAssembly: whether it is the run that came before, and its text from a template with the values that differ.
 * In AssemblyScript (docs/decisions/0017-webassembly.md); `npm run machine` makes code.ts of it.
 *
 * Memory is JavaScript's to give out (../machine.ts); here are only tables, in the first page. The same is done in JavaScript by repeats.ts and templates.ts, over the same
 * memory, where there is no WebAssembly and for whatever answers CANNOT; tests compare both. Stores may scribble 16 bytes behind what they write.
 */
export { crc, crcOfKnown } from './crc'
export { fillJson, fillPack } from './fill'
export { begin, pairs } from './tables'

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
