const table = (type) => [{ name: 'mine', fields: [{ path: 'mine.value', type, description: 'Mine.' }], at: { value: 0 } }]

/** A filter whose field has the type that its option says. */
export default {
  kind: 'filter',
  summary: 'Declares a field.',
  config: { type: 'object', properties: { type: { type: 'string', default: 'int', description: 'Type of the field.' } } },
  fields: ({ type }) => table(type),
  create: () => ({ apply() {} }),
}
