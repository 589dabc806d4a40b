// Who may import whom. This table is the architecture; docs/architecture.md draws it.
const mayImport = {
  lib: [],
  telemetry: ['lib'],
  batch: ['lib'],
  state: ['lib', 'batch', 'telemetry'],
  component: ['lib', 'batch', 'telemetry'],
  engine: ['lib', 'batch', 'telemetry'],
  sources: ['lib', 'batch', 'telemetry', 'component', 'engine'],
  transforms: ['lib', 'batch', 'component'],
  sinks: ['lib', 'batch', 'telemetry', 'component'],
  pipeline: ['lib', 'batch', 'telemetry', 'component', 'state'],
  config: ['lib', 'component'],
  api: ['lib', 'telemetry'],
  app: [
    'lib',
    'telemetry',
    'batch',
    'state',
    'component',
    'engine',
    'sources',
    'transforms',
    'sinks',
    'pipeline',
    'config',
    'api',
    'soak',
  ],
  verify: ['lib', 'batch', 'engine'],
  soak: ['lib'],
  simulator: ['lib'],
  lab: ['lib', 'engine', 'soak', 'simulator'],
  cli: ['lib', 'telemetry', 'component', 'app', 'config', 'engine', 'verify', 'soak', 'lab', 'simulator'],
}

const layers = Object.entries(mayImport).map(([from, to]) => ({
  name: `layer-${from}`,
  severity: 'error',
  comment: `${from}/ may import only: ${to.join(', ') || 'nothing'}`,
  from: { path: `^src/${from}/`, pathNot: '[.]test[.]ts$' },
  to: { path: '^src/', pathNot: `^src/(${[from, ...to].join('|')})/` },
}))

export default {
  forbidden: [
    ...layers,
    {
      name: 'unknown-folder',
      severity: 'error',
      comment: 'every folder of src has a row in the import table',
      from: { path: '^src/', pathNot: `^src/(${Object.keys(mayImport).join('|')})/` },
      to: {},
    },
    {
      name: 'siblings',
      severity: 'error',
      comment: 'a component never imports its neighbour',
      from: { path: '^src/(sources|transforms|sinks)/([^/]+)/' },
      to: { path: '^src/$1/[^/]+/', pathNot: '^src/$1/$2/' },
    },
    {
      name: 'registry-is-for-app',
      severity: 'error',
      comment: 'only app/ knows every component',
      from: { path: '^src/', pathNot: '^src/app/|[.]test[.]ts$' },
      to: { path: '^src/(sources|transforms|sinks)/registry[.]ts$' },
    },
    {
      name: 'pure-verdict',
      severity: 'error',
      comment: 'the leak verdict is a function of a series: no files, no clock, nothing of the collector',
      from: { path: '^src/soak/verdict/', pathNot: '[.]test[.]ts$' },
      to: { pathNot: '^src/soak/verdict/' },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-test-in-product',
      severity: 'error',
      from: { path: '^src/', pathNot: '[.]test[.]ts$' },
      to: { path: '^test/|[.]test[.]ts$' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
  },
}
