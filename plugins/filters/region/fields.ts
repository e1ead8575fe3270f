import { fieldTable } from '../../../core/plugin.ts'

export const region = fieldTable('region', {
  code: { path: 'observer.geo.region_iso_code', type: 'text', description: 'Subdivision that the sensor was in, ISO 3166-2.', source: 'GeoJSON' },
  name: { path: 'observer.geo.region_name', type: 'text', description: 'Name of the subdivision that the sensor was in.', source: 'GeoJSON' },
})
