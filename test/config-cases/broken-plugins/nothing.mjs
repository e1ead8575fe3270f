export const kind = 'filter'
