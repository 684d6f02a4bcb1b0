import type { Conditions, Sums } from "#theory/conditions.ts";
import type { Study } from "#theory/study.ts";
import type { Figure } from "../../model.ts";
import type { Table } from "../../table.ts";
import { compact, fixed } from "../../format/numbers.ts";
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

/** Smaller sums than this are not drawn, zero among them: a step schedule's would stretch the axis to 1e-250. */
const LEAST = 1e-12;

/** Partial sums of rates and of squared rates, then what each doubling adds to them. */
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
    title: `What each doubling adds to ${symbol}`,
    width: "half",
    caption: "Level or rising: the sum has no bound. Falling in a straight line: it has. " +
      `Drawn down to ${LEAST}.`,
    alt: `Sums of blocks. The last block over the one before: ${
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

export function conditionsTable({ conditions }: Study): Table {
  return {
    kind: "table",
    caption: "What the last doubling added over the one before, and what follows",
    columns: [
      { label: "schedule", align: "left" },
      { label: "growth of Σ η", align: "right" },
      { label: "Σ η = ∞", align: "left" },
      { label: "growth of Σ η²", align: "right" },
      { label: "Σ η² < ∞", align: "left" },
      { label: "schedule --check says", align: "left" },
    ],
    keys: 1,
    rows: conditions.map(({ name, rates, squares, checker }, series) => ({
      series,
      cells: [
        name,
        fixed(rates.growth, 2),
        yes(rates.diverges),
        fixed(squares.growth, 2),
        yes(!squares.diverges),
        checker === null ? "–" : `${yes(checker.sumDiverges)}, ${yes(checker.squaresConverge)}`,
      ],
    })),
    note:
      `From the first ${
        compact(conditions[0]?.rates.steps.at(-1) ?? 0, 6)
      } steps. A factor below 1 means that ` +
      "the sum converges. The checker reasons from the formula; it has no answer for custom schedules.",
  };
}

const yes = (holds: boolean) => holds ? "yes" : "no";
