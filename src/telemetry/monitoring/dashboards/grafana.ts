import { metric, promql } from '../promql.ts'
import { chosenInstances, type Dashboard, type Panel } from './dashboard.ts'

const columns = 24
const sizes = { timeseries: { w: 8, h: 8 }, stat: { w: 4, h: 4 } } as const
const datasource = { type: 'prometheus', uid: '${datasource}' }

/** A dashboard as Grafana 10 and later imports it: the data source and the collectors are chosen at its top. */
export function grafanaDashboard({ uid, title, description, rows }: Dashboard): object {
  return {
    uid,
    title,
    description,
    tags: ['log-capturer'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    timezone: 'browser',
    links: [
      {
        type: 'dashboards',
        title: 'log-capturer',
        tags: ['log-capturer'],
        asDropdown: true,
        includeVars: true,
        keepTime: true,
      },
    ],
    templating: { list: [datasourceVariable, instanceVariable] },
    panels: laidOut(rows),
  }
}

const datasourceVariable = {
  name: 'datasource',
  label: 'Data source',
  type: 'datasource',
  query: 'prometheus',
  current: {},
}

const instances = `label_values(${promql`${metric('buildInfo')}`.render()}, instance)`
const instanceVariable = {
  name: 'instance',
  label: 'Collector',
  type: 'query',
  datasource,
  definition: instances,
  query: { query: instances, refId: 'instances' },
  refresh: 2,
  sort: 1,
  multi: true,
  includeAll: true,
  allValue: '.*',
  current: { selected: true, text: ['All'], value: ['$__all'] },
}

/** Rows from top to bottom, panels from left to right; ids in that order. */
function laidOut(rows: Dashboard['rows']): readonly object[] {
  const placed: object[] = []
  let y = 0
  for (const { title, panels } of rows) {
    placed.push({
      id: placed.length + 1,
      type: 'row',
      title,
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y, w: columns, h: 1 },
    })
    y += 1
    let [x, height] = [0, 0]
    for (const panel of panels) {
      const { w, h } = sizes[panel.kind]
      if (x + w > columns) {
        y += height
        ;[x, height] = [0, 0]
      }
      placed.push({ id: placed.length + 1, ...shown(panel), gridPos: { x, y, w, h } })
      x += w
      height = Math.max(height, h)
    }
    y += height
  }
  return placed
}

function shown({ title, description, kind, unit, targets, thresholds, words }: Panel): object {
  const steps = [
    { color: 'green', value: null },
    ...(thresholds
      ? [
          { color: 'orange', value: thresholds[0] },
          { color: 'red', value: thresholds[1] },
        ]
      : []),
  ]
  const mappings = words
    ? [{ type: 'value', options: Object.fromEntries(Object.entries(words).map(([value, text]) => [value, { text }])) }]
    : []
  return {
    type: kind,
    title,
    description,
    datasource,
    targets: targets.map(({ query, legend }, i) => ({
      refId: String.fromCharCode(65 + i),
      datasource,
      expr: query.render(chosenInstances),
      legendFormat: legend,
      ...(kind === 'stat' ? { instant: true } : {}),
    })),
    fieldConfig: {
      defaults: {
        unit,
        min: unit === 'percentunit' ? 0 : undefined,
        mappings,
        thresholds: { mode: 'absolute', steps },
        ...(kind === 'timeseries' ? { custom: { fillOpacity: 8, lineWidth: 1, showPoints: 'never' } } : {}),
      },
      overrides: [],
    },
    options:
      kind === 'stat'
        ? {
            reduceOptions: { calcs: ['lastNotNull'], values: false },
            colorMode: thresholds ? 'background' : 'value',
            graphMode: 'none',
          }
        : { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
  }
}
