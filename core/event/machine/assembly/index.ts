/**
 * What is done for each record that repeats, as WebAssembly: whether it is the run that came before, and its text from a template with the values that differ.
 * In AssemblyScript (docs/decisions/0017-webassembly.md); `npm run machine` makes code.ts of it.
 *
 * Memory is JavaScript's to give out (../machine.ts); here are only tables, in the first page. The same is done in JavaScript by repeats.ts and templates.ts, over the same
 * memory, where there is no WebAssembly and for whatever answers CANNOT; tests compare both. Stores may scribble 16 bytes behind what they write.
 */
export { crc, crcOfKnown } from './crc'
export { ahead } from './fast-path'
export { fillJson, fillPack } from './fill'
export { layoutPlace } from './layouts'
export { matches } from './match'
export { begin, pairs } from './tables'
