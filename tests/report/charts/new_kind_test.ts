import assert from "node:assert/strict";
import type { ChartKind } from "#report/charts/kind.ts";
import { baseLayout } from "#report/charts/plotly_layout.ts";
import { CHART_KINDS, kindOf } from "#report/charts/registry.ts";
import type { Report } from "#report/model.ts";
import { toCsv } from "#report/render/csv.ts";
import { renderPage } from "#report/render/html.ts";
import { renderTerminal } from "#report/render/terminal.ts";
import { left, right, tableOf } from "#report/table.ts";

/** A kind of chart that the lab does not have: one bar a name. */
interface BarChart {
  readonly kind: "bars";
  readonly bars: readonly { readonly name: string; readonly value: number }[];
}

const BARS: ChartKind<BarChart> = {
  kind: "bars",
  plotly: ({ bars }) => ({
    data: [{ type: "bar", x: bars.map(({ name }) => name), y: bars.map(({ value }) => value), meta: {} }],
    layout: baseLayout(200),
  }),
  table: ({ bars }, caption) =>
    tableOf(bars, {
      caption,
      columns: [left("name", ({ name }) => name), right("value", ({ value }) => String(value))],
    }),
  csv: ({ bars }) => toCsv(["name", "value"], bars.map(({ name, value }) => [name, value])),
  text: ({ bars }) => bars.map(({ name, value }) => `${name} ${"#".repeat(value)}`).join("\n"),
};

const chart: BarChart = { kind: "bars", bars: [{ name: "cosine", value: 3 }, { name: "<b>", value: 5 }] };
const report: Report<BarChart> = {
  eyebrow: "test",
  title: "A new kind of chart",
  summary: "",
  notices: [],
  series: [],
  overview: [],
  sections: [{
    id: "section",
    title: "Section",
    brief: true,
    blocks: [{
      kind: "figure",
      id: "bars",
      title: "Bars",
      width: "full",
      caption: "",
      alt: "Two bars.",
      chart,
      terminal: chart,
    }],
  }],
};

Deno.test("a kind of chart is one entry: it renders in HTML, as a table, as CSV and in a terminal", async () => {
  const kinds = [...CHART_KINDS, BARS];
  const page = await renderPage(report, { css: "", client: "", plotly: "" }, kinds);
  const [, figures] = /id="figures">(.*?)<\/script>/.exec(page)!;
  assert.equal(JSON.parse(figures!)[0].data[0].type, "bar");
  assert.match(page, /<th scope="row" class="left">&#60;b&#62;<\/th><td class="right">5<\/td>/);
  const [, csv] = /href="data:text\/csv;charset=utf-8,([^"]*)"/.exec(page)!;
  assert.equal(decodeURIComponent(csv!), "name,value\r\ncosine,3\r\n<b>,5\r\n");
  const terminal = renderTerminal(report, { columns: 80, color: false, page: null, kinds });
  assert.match(terminal, /Bars\ncosine ###\n<b> #####\n/);
});

Deno.test("a kind that the registry does not have is refused by its name", () => {
  assert.throws(
    () => kindOf(chart),
    /^RangeError: No chart kind "bars"; .*lines, multiples, heatmap, intervals, parallel/,
  );
});

Deno.test("every kind of the lab draws in a terminal, no line wider than it", () => {
  const axis = { title: "accuracy (%)", scale: "linear" as const, decimals: 1 };
  const row = (label: string, value: number, interval: [number, number] | null) => ({
    label,
    series: null,
    value,
    interval,
  });
  const line = (label: string, y: number[]) => ({
    series: 0,
    label,
    x: y.map((_, step) => 100 * step),
    y,
    band: null,
    style: "curve" as const,
    chosen: null,
  });
  const charts = [
    {
      kind: "intervals" as const,
      x: axis,
      reference: 0,
      rows: [
        row("cosine", 2, [1, 3]),
        row("a long name of an arm that goes on and on", -10, [-60, 40]),
        row("日本", 4, null),
      ],
    },
    {
      kind: "heatmap" as const,
      x: { title: "rate", labels: ["0.1", "1"] },
      y: { title: "power", labels: ["2"] },
      valueTitle: "accuracy (%)",
      cells: [[{ value: 71, text: ["71.0", "3 runs"] }, { value: null, text: ["not run"] }]],
    },
    {
      kind: "parallel" as const,
      axes: [{ title: "rate", ticks: [] }, { title: "accuracy (%)", ticks: [] }],
      valueTitle: "accuracy (%)",
      lines: [{ label: "cell 1", at: [0, 1], value: 71, text: ["0.1", "71.0"], strong: true }],
    },
    {
      kind: "multiples" as const,
      x: { title: "step", scale: "linear" as const, decimals: 0 },
      upper: { title: "rate", scale: "linear" as const, decimals: "significant" as const },
      lower: axis,
      panels: [
        {
          label: "cosine",
          remark: "",
          upper: line("cosine", [0.1, 0.05, 0]),
          lower: line("cosine", [10, 60, 80]),
        },
        {
          label: "a long name of an arm that goes on and on",
          remark: "3 of 3 failed",
          upper: line("long", [0.4, 0.4, 0.4]),
          lower: line("long", []),
        },
      ],
      levels: [],
    },
  ];
  const texts = charts.map((one) => kindOf(one).text(one, { columns: 60, color: false }));
  for (const line of texts.join("\n").split("\n")) assert.ok(line.length <= 60, line);
  const [intervals, heatmap, parallel, multiples] = texts;
  assert.match(intervals!, /^cosine .*├●*─*●─*┤ +2\.0$/m);
  assert.match(intervals!, /◀.*─▶ −10\.0$/m, "an interval that goes on beyond the chart ends in arrows");
  assert.match(intervals!, /○ +4\.0$/m, "hollow without an interval");
  assert.match(heatmap!, /2 +71\.0; 3 runs +not run/);
  assert.match(multiples!, /^cosine .*▃.*▁.* 80\.0$/m, "the rate falls, and the accuracy stands at the end");
  assert.match(multiples!, /^a long.*████.*3 of 3 failed +–$/m, "a remark in the place of a curve");
  assert.match(parallel!, /cell 1 +0\.1 +71\.0/);
});
