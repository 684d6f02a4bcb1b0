import { axisOf, indexOfAny, numberIn, RUNS, TAGS, VALUES } from "../columns.ts";
import type { Setting, StepUnit } from "../model.ts";
import type { Output, SeriesBuffer } from "../output.ts";

/** Takes the fields of a row, as many as the header has, and the row's number from 0. */
export type RowReader = (fields: readonly string[], row: number) => void;

/** A way to lay out runs in a table. */
interface Layout {
  readonly name: "long" | "runs" | "export" | "wide";
  /** The reader of rows below a header; `null` for a header of another layout. */
  reader(names: readonly string[], output: Output): RowReader | null;
}

/** Tried in this order; a wide table can have any header. */
const LAYOUTS: readonly Layout[] = [
  { name: "long", reader: long },
  { name: "runs", reader: runs },
  { name: "export", reader: exported },
  { name: "wide", reader: wide },
];

/** The reader of rows below a header. */
export function rowReader(names: readonly string[], output: Output): RowReader {
  for (const { reader } of LAYOUTS) {
    const found = reader(names, output);
    if (found !== null) return found;
  }
  return wide(names, output);
}

/** One value a row, with its tag: `run, tag, step, value` (MLflow: `run_id, key, value, step, timestamp`). */
function long(names: readonly string[], output: Output): RowReader | null {
  const [run, tag, value] = [RUNS, TAGS, VALUES].map((known) => indexOfAny(names, known)) as [
    number,
    number,
    number,
  ];
  if (tag < 0 || value < 0) return null;
  const axis = axisOf(names);
  let [lastRun, lastTag, series]: [string | null | undefined, string, SeriesBuffer | null] = [
    undefined,
    "",
    null,
  ];
  const counts = new Map<string, number>();
  return (fields) => {
    const found = numberIn(fields[value]!);
    const runName = run < 0 ? null : fields[run]!;
    if (runName !== lastRun || fields[tag]! !== lastTag) {
      [lastRun, lastTag] = [runName, fields[tag]!];
      series = output.series(lastRun, lastTag, axis.unit);
    }
    if (found === null) return;
    const step = stepIn(fields, axis.step, () => {
      const key = `${lastRun}\n${lastTag}`;
      const next = counts.get(key) ?? 0;
      counts.set(key, next + 1);
      return next;
    });
    if (step !== null) series?.add(step, timeIn(fields, axis.wallTime), found);
  };
}

/** One run a row, as a table of runs is exported from W&B: `Name, State, Created, seed, lr, accuracy`. */
function runs(names: readonly string[], output: Output): RowReader | null {
  const name = indexOfAny(names, ["name", "id"]);
  if (name < 0 || indexOfAny(names, ["state", "created", "runtime"]) < 0) return null;
  return (fields) => {
    const settings: Record<string, Setting> = {};
    const run = fields[name]!;
    fields.forEach((field, index) => {
      if (index === name || field === "") return;
      const value = numberIn(field);
      settings[names[index]!] = value ?? field;
      if (value !== null) output.series(run, names[index]!, "row")?.add(0, NaN, value);
    });
    output.settings(run, settings);
  };
}

/** A chart of W&B as CSV: `Step, RUN - METRIC, RUN - METRIC__MIN, RUN - METRIC__MAX, …`. */
function exported(names: readonly string[], output: Output): RowReader | null {
  const bounds = new Set(names.filter((name) => /__M(?:IN|AX)$/.test(name)));
  const columns = names.flatMap((name, index) => {
    const cut = name.lastIndexOf(" - ");
    const isFigure = cut > 0 && bounds.has(`${name}__MIN`) && bounds.has(`${name}__MAX`);
    return isFigure ? [{ index, run: name.slice(0, cut), tag: name.slice(cut + 3) }] : [];
  });
  if (columns.length === 0) return null;
  const axis = axisOf(names);
  // The axis of a chart can be any figure; it is the first column.
  const at = axis.step >= 0 ? axis : { ...axis, step: 0, unit: "step" as const };
  return figures(columns, at, output);
}

/** One step a row, a figure a column: Lightning's metrics.csv, Keras' CSVLogger, a history of W&B. */
function wide(names: readonly string[], output: Output): RowReader {
  const axis = axisOf(names);
  const run = indexOfAny(names, RUNS);
  const columns = names.flatMap((tag, index) =>
    // pandas writes its index below an empty name.
    index === axis.step || index === axis.wallTime || index === run || tag === ""
      ? []
      : [{ index, run: null, tag }]
  );
  if (run < 0) return figures(columns, axis, output);
  const readers = new Map<string, RowReader>();
  return (fields, row) => {
    const name = fields[run]!;
    let reader = readers.get(name);
    if (reader === undefined) {
      readers.set(name, reader = figures(columns.map((column) => ({ ...column, run: name })), axis, output));
    }
    reader(fields, row);
  };
}

interface FigureColumn {
  readonly index: number;
  readonly run: string | null;
  readonly tag: string;
}

function figures(
  columns: readonly FigureColumn[],
  axis: { readonly step: number; readonly unit: StepUnit; readonly wallTime: number },
  output: Output,
): RowReader {
  const series = columns.map(({ run, tag }) => output.series(run, tag, axis.unit));
  const wanted = columns.flatMap(({ index }, i) => series[i] === null ? [] : [{ index, series: series[i]! }]);
  let rows = 0;
  return (fields) => {
    const row = rows++;
    const step = stepIn(fields, axis.step, () => row);
    if (step === null) return;
    const time = timeIn(fields, axis.wallTime);
    for (const { index, series } of wanted) {
      const field = fields[index]!;
      if (field === "") continue;
      const value = numberIn(field);
      if (value !== null) series.add(step, time, value);
    }
  };
}

/** `null` where the column holds no finite number: the row then stands nowhere. */
function stepIn(fields: readonly string[], column: number, count: () => number): number | null {
  if (column < 0) return count();
  const step = numberIn(fields[column]!);
  return step !== null && Number.isFinite(step) ? step : null;
}

/** Seconds since 1970; a number above 10¹¹ is of milliseconds. NaN for none. */
function timeIn(fields: readonly string[], column: number): number {
  if (column < 0) return NaN;
  const time = Number(fields[column]!) || Date.parse(fields[column]!) / 1000;
  return time > 1e11 ? time / 1000 : time;
}
