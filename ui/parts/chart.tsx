import type { FunctionComponent } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import { cssColor, onThemeChange } from '../lib/theme.ts'

const height = 96
/** A shorter time is not stretched: the newest reading is always at the right. */
const leastSeconds = 60

export interface ChartSeries {
  readonly name: string
  /** Of a CSS variable. */
  readonly color: string
  readonly values: readonly (number | null)[]
}

interface ChartProps {
  readonly times: readonly number[]
  readonly series: readonly ChartSeries[]
  /** What it shows, for those who do not see it. */
  readonly label: string
  readonly format: (value: number) => string
  /** The scale reaches at least up to here. */
  readonly atLeast: number
  /** Its marks are at powers of two. */
  readonly unit?: 'bytes'
}

/** The last minutes of some numbers. */
export const Chart: FunctionComponent<ChartProps> = ({ times, series, label, format, atLeast, unit }) => {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | undefined>(undefined)
  const names = series.map(({ name }) => name).join()
  const data = [times, ...series.map(({ values }) => values)] as uPlot.AlignedData
  useEffect(() => {
    const element = place.current!
    const draw = () => {
      plot.current?.destroy()
      plot.current = new uPlot(optionsOf({ series, format, atLeast, unit, width: element.clientWidth }), data, element)
    }
    draw()
    const resized = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height }))
    resized.observe(element)
    const stop = onThemeChange(draw)
    return () => {
      stop()
      resized.disconnect()
      plot.current?.destroy()
      plot.current = undefined
    }
  }, [names])
  useEffect(() => {
    plot.current?.setData(data)
  }, [times])
  return <div ref={place} class="chart" role="img" aria-label={label} />
}

function optionsOf({
  series,
  format,
  atLeast,
  unit,
  width,
}: Pick<ChartProps, 'series' | 'format' | 'atLeast'> & {
  readonly unit: 'bytes' | undefined
  readonly width: number
}): uPlot.Options {
  const axis = {
    stroke: cssColor('--muted'),
    grid: { stroke: cssColor('--line'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif',
  }
  return {
    width,
    height,
    legend: { show: false },
    cursor: { show: false },
    padding: [6, 8, 0, 0],
    scales: {
      x: { range: (_plot, min, max) => [Math.min(min, max - leastSeconds), max] },
      y: { range: (_plot, _min, max) => [0, Math.max(atLeast, max * 1.1)] },
    },
    axes: [
      { ...axis, size: 20, space: 70, values: clockTexts },
      {
        ...axis,
        size: 62,
        space: 30,
        ...(unit === 'bytes' ? { incrs: powersOfTwo } : {}),
        values: (_plot, values) => values.map((value) => format(value)),
      },
    ],
    series: [
      {},
      ...series.map(({ color }) => ({ stroke: cssColor(color), width: 1.5, points: { show: false }, spanGaps: true })),
    ],
  }
}

const powersOfTwo = Array.from({ length: 40 }, (_, power) => 2 ** power)

/** With seconds, where minutes would not tell them apart. */
function clockTexts(_plot: uPlot, times: number[]): string[] {
  const [first = 0, second = first] = times
  const length = second - first < 60 ? 8 : 5
  return times.map((seconds) => new Date(seconds * 1000).toTimeString().slice(0, length))
}
