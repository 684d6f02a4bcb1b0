import assert from "node:assert/strict";
import { terminalChart } from "#report/charts/text/curves.ts";

const ESCAPE = "\x1b";
const steps = Array.from({ length: 100 }, (_, i) => i);
const falling = { label: "falling", x: steps, y: steps.map((i) => 1 - i / 99) };
const rising = { label: "rising", x: steps, y: steps.map((i) => i / 99) };

Deno.test("one series: braille from the top left to the bottom right, labels at the extremes", () => {
  const chart = terminalChart([falling], { width: 40, height: 10, xLabel: "step", yLabel: "rate" });
  const lines = chart.split("\n");
  assert.equal(lines.length, 10);
  assert.match(lines[1]!, /^ +1 ┤[\u2801-\u28ff]/, "the first value lies in the first cell of the top row");
  assert.match(lines[6]!, /^ +0 ┤ +[\u2801-\u28ff]+$/, "the last value lies in the bottom row");
  assert.equal(lines[6]!.length, 40, "the curve reaches the last column");
  assert.match(lines[8]!, /0 +49\.5 +99$/);
});

Deno.test("several series without colour are told apart by letters, and named", () => {
  const chart = terminalChart([falling, rising], { width: 40, height: 12 });
  const [first] = chart.split("\n");
  assert.match(first!, /┤\*+ .*o$/, "falling starts and rising ends in the top row");
  assert.match(chart, /\* falling\n {2}o rising$/);
  assert.ok(!chart.includes(ESCAPE));
});

Deno.test("colour paints runs of cells and resets each", () => {
  const chart = terminalChart([falling, rising], { width: 40, height: 12, color: true });
  const opened = chart.split(`${ESCAPE}[3`).length - 1;
  assert.equal(opened, 2 * (chart.split(`${ESCAPE}[39m`).length - 1), "one reset for each colour");
  assert.ok(opened < 120, `${opened} escape sequences`);
});

Deno.test("a constant curve lies on the middle row, at its value", () => {
  const chart = terminalChart([{ label: "c", x: [0, 1], y: [0.05, 0.05] }], { width: 30, height: 7 });
  assert.match(chart.split("\n")[2]!, /^ *0\.05 ┤[\u2801-\u28ff]+$/);
});

Deno.test("gaps: NaN, and values <= 0 on a log scale, are not drawn", () => {
  const chart = terminalChart([{ label: "c", x: [0, 1, 2, 3], y: [0, 1, 10, NaN] }], {
    width: 30,
    height: 8,
    yScale: "log",
  });
  assert.match(chart, /^ *10 ┤/);
  assert.equal(
    terminalChart([{ label: "c", x: [0], y: [NaN] }], { width: 30, height: 8 }),
    "(nothing finite to draw)",
  );
});

Deno.test("no line is wider than asked for, for any size", () => {
  for (const width of [24, 37, 80, 200]) {
    for (const height of [6, 11, 40]) {
      const chart = terminalChart([falling, rising], {
        width,
        height,
        xLabel: "step",
        yLabel: "learning rate",
      });
      for (const row of chart.split("\n")) assert.ok(row.length <= width, `${row.length} > ${width}`);
    }
  }
});

Deno.test("wrong sizes and lengths are refused with the reason", () => {
  assert.throws(() => terminalChart([falling], { width: 10, height: 10 }), /at least 24 and 6/);
  assert.throws(
    () => terminalChart([{ label: "a", x: [1], y: [] }], { width: 30, height: 8 }),
    /1 x values for 0 y/,
  );
});
