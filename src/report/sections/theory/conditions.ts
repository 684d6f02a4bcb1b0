import type { Conditions, Sums } from "#theory/conditions.ts";
import type { Study } from "#theory/study.ts";
import type { Figure } from "../../model.ts";
import { left, right, type Table, tableOf } from "../../table.ts";
import { compact, fixed, MISSING } from "#lib/numbers.ts";
import { line, lineFigure } from "./lines.ts";

interface Kind {
  readonly id: string;
  readonly symbol: string;
  of(conditions: Conditions): Sums;
}

const KINDS: readonly Kind[] = [
  { id: "rates", symbol: "Σ η", of: ({ rates }) => rates },
  { id: "squares", symbol: "Σ η²", of: ({ squares }) => squares },
];

/** Smaller sums, and zero, are not drawn: those of a step schedule would stretch the axis to 1e-250. */
const LEAST = 1e-12;

/** Partial sums of rates and of squared rates, then the sum that each doubling of the run adds. */
export function sumFigures({ conditions }: Study): Figure[] {
  return [
    ...KINDS.map((kind) => partialFigure(conditions, kind)),
    ...KINDS.map((kind) => blockFigure(conditions, kind)),
  ];
}

const STEPS = { title: "steps (log scale)", scale: "log", decimals: 0 } as const;

function partialFigure(conditions: readonly Conditions[], { id, symbol, of }: Kind): Figure {
  return lineFigure({
    id: `sum-${id}`,
    title: `${symbol} over the first steps`,
    width: "half",
    caption: "",
    alt: `Partial sums. ${
      conditions.map((one) => `${one.name} reaches ${compact(of(one).total.at(-1)!)}`).join("; ")
    }.`,
    x: STEPS,
    y: { title: `${symbol} (log scale)`, scale: "log", decimals: "significant" },
    lines: conditions.map((one, series) =>
      line(series, one.name, of(one).steps, of(one).total, { least: LEAST })
    ),
  });
}

function blockFigure(conditions: readonly Conditions[], { id, symbol, of }: Kind): Figure {
  return lineFigure({
    id: `block-${id}`,
    title: `Increase of ${symbol} with each doubling of the run`,
    width: "half",
    caption:
      "A level or rising line means that the sum diverges; one that falls in a straight line, that it " +
      `converges. Values below ${LEAST} are not drawn.`,
    alt: `Increase with each doubling. Ratio of the last increase to the one before: ${
      conditions.map((one) => `${one.name} ${of(one).growth.toFixed(2)}`).join("; ")
    }.`,
    x: { ...STEPS, title: "end of the block (steps, log scale)" },
    y: { title: `added to ${symbol} (log scale)`, scale: "log", decimals: "significant" },
    lines: conditions.map((one, series) => {
      const { steps, added } = of(one);
      return line(series, one.name, steps.slice(1), added.slice(1), { least: LEAST });
    }),
  });
}

/** Growth of the sums over the last doubling, and the conclusion for each condition. */
export function conditionsTable({ conditions }: Study): Table {
  return tableOf(conditions, {
    caption: "Ratio of the last block to the one before, and the conclusion",
    columns: [
      left("schedule", ({ name }) => name),
      right("ratio for Σ η", ({ rates }) => fixed(rates.growth, 2)),
      left("Σ η = ∞", ({ rates }) => yesNo(rates.diverges)),
      right("ratio for Σ η²", ({ squares }) => fixed(squares.growth, 2)),
      left("Σ η² < ∞", ({ squares }) => yesNo(!squares.diverges)),
      left(
        "schedule --check",
        ({ checker }) =>
          checker === null ? MISSING : `${yesNo(checker.sumDiverges)}, ${yesNo(checker.squaresConverge)}`,
      ),
    ],
    series: (_, index) => index,
    note:
      `Measured on the first ${
        compact(conditions[0]?.rates.steps.at(-1) ?? 0, 6)
      } steps. A ratio below 1 means that the ` +
      "sum converges. The command schedule --check derives its answers from the formula; it has none for custom schedules.",
  });
}

const yesNo = (holds: boolean) => holds ? "yes" : "no";
