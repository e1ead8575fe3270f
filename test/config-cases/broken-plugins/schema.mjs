export default { kind: 'filter', summary: 'Odd.', config: { type: 'object', properties: { a: { typ: 'string' } } }, create: () => ({ apply() {} }) }
