import assert from 'node:assert/strict'
import { test } from 'node:test'
import { complaint } from './complaint.ts'
import { streamsOf } from './streams.ts'

test('complaints about definitions say what is different', () => {
  const [stream] = streamsOf([{ name: 'a', payload: [{ name: 'x', type: 'INT', from: 'f' }] }])
  const similar = (there: string) => complaint(stream, `Similar event stream for {\n} with the same name and version already exist: ${there}`)
  assert.match(
    similar('{"metaData":[{"name":"m","type":"string"}],"payloadData":[{"name":"x","type":"int"}]}'),
    /otherwise there \(meta: m STRING only there\); take/,
  )
  assert.match(similar('nonsense'), /otherwise there \(Similar event stream for \{ \} with/)
  assert.equal(
    complaint(
      stream,
      'Attribute type mismatch payload x type:INT was already defined with type:LONG in {\n  "name": "a"}, hence {} cannot be defined',
    ),
    'Attribute type mismatch payload x type:INT was already defined with type:LONG in another version of stream a; take another name for the stream or the attribute',
  )
})
