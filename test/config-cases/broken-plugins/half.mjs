export default { kind: 'filter', summary: 'Half.' }
