import assert from "node:assert/strict";
import {
  parseClipNorm,
  parseCount,
  parseEpochs,
  parseLength,
  parseNumber,
  parseRate,
  parseSeconds,
  parseSeeds,
  parseShare,
  parseSmoothing,
  repeated,
  wholeNumber,
} from "#app/commands/parsers.ts";

const CASES: [name: string, parse: (text: string) => unknown, good: [string, unknown][], bad: string[]][] = [
  ["seeds", parseSeeds, [["3", [1, 2, 3]], ["2-4", [2, 3, 4]], ["5-5", [5]], ["7,1", [7, 1]]], [
    "",
    "0",
    "4-2",
    "1,1",
    "1.5",
    "-1",
    "1001",
    "2147483648,1",
  ]],
  ["count", parseCount, [["1", 1], ["256", 256]], ["0", "257", "1.5", "", "1e2"]],
  ["seconds", parseSeconds, [["0", 0], ["0.05", 0.05]], ["", "-1", "86401", "x"]],
  ["whole number", wholeNumber(2), [["2", 2]], ["1", "2.5", ""]],
  ["number", parseNumber, [["-1.5", -1.5]], ["", " ", "Infinity"]],
  ["rate", parseRate, [["1e-6", 1e-6]], ["0", "-1", "Infinity", ""]],
  ["clip norm", parseClipNorm, [["none", "none"], ["0.5", 0.5]], ["0", "-1", "Infinity", "", "nothing"]],
  ["epochs", parseEpochs, [["30,60", [30, 60]], ["1", [1]]], ["", "0", "1.5", "30,,60", "x"]],
  ["smoothing", parseSmoothing, [["0", 0], ["0.98", 0.98]], ["1", "NaN", ""]],
  ["share", parseShare, [["0.1", 0.1], ["10%", 0.1], ["0", 0]], ["", "%", " %", "1", "100%", "-0.1", "x"]],
  ["length", parseLength, [["3 epochs", "3 epochs"], ["10%", "10%"]], ["3", "0 steps", ""]],
];

for (const [name, parse, good, bad] of CASES) {
  Deno.test(`${name}: values are parsed, anything else is refused with what was expected`, () => {
    for (const [text, value] of good) assert.deepEqual(parse(text), value);
    for (const text of bad) assert.throws(() => parse(text), { code: "commander.invalidArgument" }, text);
  });
}

Deno.test("an option that is given several times keeps its values in order", () => {
  assert.deepEqual(repeated("b", repeated("a", undefined)), ["a", "b"]);
});
