import assert from "node:assert/strict";
import { toCsv } from "#report/render/csv.ts";
import type { LineChart } from "#report/charts/lines/chart.ts";
import { compact, counted, fixed, interval, ranges, signed } from "#lib/numbers.ts";
import { type Chart, kindOf } from "#report/charts/registry.ts";

const toPlotly = (chart: Chart) => kindOf(chart).plotly(chart);
const chartTable = (chart: Chart, caption: string) => kindOf(chart).table(chart, caption);
const chartCsv = (chart: Chart) => kindOf(chart).csv(chart);

const chart: LineChart = {
  kind: "lines",
  x: { title: "step (steps)", scale: "linear", decimals: 0 },
  y: { title: "loss (nats)", scale: "linear", decimals: 2 },
  above: { title: "epoch", every: 10 },
  lines: [{
    series: 2,
    label: "a, <b>",
    x: [0, 10, 20],
    y: [3, 2, 1],
    band: { low: [2, 1.5, 1], high: [4, 2.5, 1] },
    style: "curve",
    chosen: 1,
  }],
  levels: [{ label: "target", value: 2 }],
};

Deno.test("lines for Plotly: band, line and upper axis; colours by role, text escaped, series named", () => {
  const { data, layout } = toPlotly(chart);
  assert.equal(data.length, 4);
  const [band, line, chosen, anchor] = data;
  assert.deepEqual(band!.x, [0, 10, 20, 20, 10, 0]);
  assert.deepEqual(band!.y, [2, 1.5, 1, 1, 2.5, 4]);
  assert.equal(band!.fillcolor, "@series-2/0.20");
  assert.equal(line!.name, "a, &lt;b&gt;");
  assert.deepEqual(line!.meta, { series: 2 });
  assert.equal((line!.marker as Record<string, unknown>).symbol, "diamond");
  assert.deepEqual([chosen!.x, chosen!.y, chosen!.showlegend, chosen!.meta], [[10], [2], false, {
    series: 2,
  }]);
  assert.equal((chosen!.marker as Record<string, unknown>).symbol, "star");
  assert.equal(anchor!.xaxis, "x2");
  const upper = layout.xaxis2 as Record<string, unknown>;
  assert.deepEqual([upper.matches, upper.tickvals, upper.ticktext], ["x", [0, 5, 10, 15, 20], [
    "0",
    "0.5",
    "1",
    "1.5",
    "2",
  ]]);
});

Deno.test("lines of one series share its colour, and differ from each other and from the next of that colour", () => {
  const look = (series: number, variant: number) => {
    const lines = [{ ...chart.lines[0]!, band: null, series, variant }];
    return toPlotly({ ...chart, lines }).data[0]!.line as { color: string; dash: string };
  };
  const [first, second, third, sameColor] = [look(1, 0), look(1, 1), look(1, 2), look(7, 0)];
  for (const { color } of [second, third, sameColor]) assert.equal(color, first.color);
  assert.equal(new Set([first, second, third, sameColor].map(({ dash }) => dash)).size, 4);
});

Deno.test("a log axis of up to two decades has ticks at 1, 2 and 5, a longer one at powers of ten", () => {
  const ticks = (low: number) => {
    const lines = [{ ...chart.lines[0]!, band: null, y: [low, 1, 2] }];
    return (toPlotly({ ...chart, y: { ...chart.y, scale: "log" }, lines }).layout.yaxis as {
      dtick?: unknown;
    }).dtick;
  };
  assert.deepEqual([ticks(0.02), ticks(0.01), ticks(1e-9), ticks(0.9)], ["D2", 1, 2, undefined]);
});

Deno.test("the upper axis counts whole epochs on a long run", () => {
  const long = { ...chart, lines: [{ ...chart.lines[0]!, x: [0, 500, 900] }] };
  const { ticktext } = toPlotly(long).layout.xaxis2 as { ticktext: string[] };
  assert.deepEqual(ticktext, ["0", "20", "40", "60", "80"]);
});

Deno.test("a level on a log axis lies at the logarithm, as Plotly's annotations want it", () => {
  const { layout } = toPlotly({ ...chart, y: { ...chart.y, scale: "log" } });
  assert.equal((layout.annotations as { y: number }[])[0]!.y, Math.log10(2));
});

Deno.test("a heatmap of equal values and one of none still have text colours", () => {
  const cells = (value: number | null) => [[{ value, text: ["x"] }]];
  for (const value of [0.5, null]) {
    const { layout } = toPlotly({
      kind: "heatmap",
      x: { title: "x", labels: ["1"] },
      y: { title: "y", labels: ["1"] },
      valueTitle: "v",
      cells: cells(value),
    });
    const [{ font }] = layout.annotations as [{ font: { color: string } }];
    assert.match(font.color, /^@(heat-text-0|muted)$/);
  }
});

Deno.test("CSV quotes what needs it and keeps rows rectangular", () => {
  assert.equal(
    toCsv(["a", "b"], [["x,y", 1.23456789012], ['q"', null], ["l\n", NaN]]),
    'a,b\r\n"x,y",1.234568\r\n"q""",\r\n"l\n",\r\n',
  );
  assert.throws(() => toCsv(["a"], [[1, 2]]), /2 fields below a head of 1/);
  assert.equal(chartCsv(chart).split("\r\n")[1], '"a, <b>",0,3,2,4');
});

Deno.test("the table of a short curve has all of it, that of a long one a dozen rows", () => {
  const short = chartTable(chart, "c");
  assert.deepEqual(short.rows.map(({ cells }) => cells), [["0", "3.00 (2.00 – 4.00)"], [
    "10",
    "2.00 (1.50 – 2.50)",
  ], [
    "20",
    "1.00",
  ]]);
  const x = Array.from({ length: 500 }, (_, i) => i);
  const long = chartTable({ ...chart, lines: [{ ...chart.lines[0]!, x, y: x, band: null }] }, "c");
  assert.equal(long.rows.length, 12);
  assert.deepEqual([long.rows[0]!.cells, long.rows[11]!.cells], [["0", "0.00"], ["499", "499.00"]]);
});

Deno.test("numbers as a reader wants them", () => {
  assert.deepEqual([0, 0.05, 12500, 3e-7, -1500, 0.1 + 0.2, 1e12, NaN].map((value) => compact(value)), [
    "0",
    "0.05",
    "12,500",
    "3e-7",
    "−1,500",
    "0.3",
    "1e12",
    "–",
  ]);
  assert.deepEqual([fixed(-0.001, 2), fixed(null, 1), fixed(1234.56, 1)], ["0.00", "–", "1,234.6"]);
  assert.deepEqual([signed(0.3, 1), signed(-0.3, 1), signed(0.01, 1)], ["+0.3", "−0.3", "0.0"]);
  assert.deepEqual([interval([-0.01, 0.02], 1, 100), interval(null, 1)], ["[−1.0, 2.0]", "–"]);
  assert.deepEqual([counted(1, "seed"), counted(1200, "step")], ["1 seed", "1,200 steps"]);
});

Deno.test("runs of whole numbers are written as ranges", () => {
  assert.equal(ranges([1, 2, 3, 4, 9, 11, 12, 20, 21, 22]), "1 to 4, 9, 11, 12, 20 to 22");
  assert.equal(ranges([7]), "7");
});
