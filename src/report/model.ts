import type { AnyChart } from "./charts/kind.ts";
import type { Chart } from "./charts/registry.ts";
import type { Table } from "./table.ts";

/** A report as plain data. The page, the terminal and notebooks draw it, so no number is computed twice. */
export interface Report<C extends AnyChart = Chart> {
  /** Line above the title: the experiment, its data and its date. */
  readonly eyebrow: string;
  /** The main finding, or what the page shows. */
  readonly title: string;
  /** One paragraph below the title; empty for none. */
  readonly summary: string;
  readonly notices: readonly Notice[];
  /** Names of the series that colours, dashes and markers stand for, in order: arms, or schedules. */
  readonly series: readonly string[];
  /** The first screen: what was found, at a glance. Where it holds anything, the sections below it are folded. */
  readonly overview: readonly Block<C>[];
  /** Everything else, the most important first. */
  readonly sections: readonly Section<C>[];
}

export interface Notice {
  /** `partial`: runs are missing. `warning`: a caveat about the results. */
  readonly kind: "partial" | "warning";
  readonly text: string;
}

export interface Section<C extends AnyChart = Chart> {
  /** Anchor of the section, unique in the report: letters, digits and hyphens. */
  readonly id: string;
  readonly title: string;
  /** True where a verbose terminal shows the section too. */
  readonly brief: boolean;
  readonly blocks: readonly Block<C>[];
}

export type Block<C extends AnyChart = Chart> =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "command"; readonly text: string }
  | { readonly kind: "facts"; readonly facts: readonly Fact[] }
  | { readonly kind: "answers"; readonly answers: readonly ReportAnswer[] }
  | Strip
  | Table
  | Interactive
  | Pictures
  | Figure<C>;

/** The verdicts at a glance: a chip for each question. */
export interface Strip {
  readonly kind: "strip";
  readonly answers: readonly ReportAnswer[];
  /** Section with the same answers in full, in their order; `null` for none. */
  readonly section: string | null;
}

/** Small pictures in rows, those of a column of one kind. */
export interface Pictures {
  readonly kind: "pictures";
  /** Unique in the report: letters, digits and hyphens. */
  readonly id: string;
  readonly title: string;
  /** As a figure's. */
  readonly width: "full" | "half";
  readonly caption: string;
  readonly legends: readonly Legend[];
  readonly columns: readonly string[];
  /** A picture for each column. */
  readonly rows: readonly { readonly label: string; readonly pictures: readonly Picture[] }[];
  /** The line in their place where no pictures can be shown: one line. */
  readonly line: string;
}

/** A picture as pixels, row by row, drawn sharp at any size. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** `[height, width]` numbers of colours, or `[height, width, channels]` brightness, 0 … 255. */
  readonly pixels: Uint8Array;
  /** The colours as `#rrggbb`, or the number of channels: 1 for grey, 3 for red, green and blue. */
  readonly colors: readonly string[] | 1 | 3;
  /** Description for readers who do not see it. */
  readonly alt: string;
  /** A few words below it; empty for none. */
  readonly note: string;
}

/** The colours of some pictures. */
export interface Legend {
  /** The pictures: `masks`. */
  readonly of: string;
  readonly entries: readonly LegendEntry[];
}

/** A colour of pictures and what it stands for. */
export interface LegendEntry {
  readonly name: string;
  readonly color: string;
}

/** The programs of the page that a reader moves; `src/browser` has one folder each. */
export type Program = "explorer" | "playground";

/** An interactive part of the page. Where no program runs, `still` stands in its place. */
export interface Interactive {
  readonly kind: "interactive";
  /** Unique in the report: letters, digits and hyphens. */
  readonly id: string;
  readonly program: Program;
  readonly title: string;
  /** Plain data that the program starts from; numbers keep all digits. */
  readonly data: unknown;
  readonly still: readonly Block[];
}

export interface Fact {
  readonly label: string;
  readonly value: string;
}

export interface ReportAnswer {
  readonly question: string;
  readonly hypothesis: string;
  readonly verdict: "supported" | "contradicted" | "equivalent" | "inconclusive";
  /** Effect with unit and interval; for an inconclusive answer, the reason. */
  readonly finding: string;
  /** Evidence that would decide an inconclusive answer; absent where it is decided. */
  readonly missing?: string;
  readonly text: string;
}

export interface Figure<C extends AnyChart = Chart> {
  readonly kind: "figure";
  /** Unique in the report: letters, digits and hyphens. */
  readonly id: string;
  readonly title: string;
  /** Half-width neighbours stand side by side where there is room. */
  readonly width: "full" | "half";
  /** Explanation of the figure and its numbers. Empty where the section's text gives it. */
  readonly caption: string;
  /** Description for readers who do not see the figure. */
  readonly alt: string;
  readonly chart: C;
  /** The chart of this figure in a terminal; none is drawn there if not given. */
  readonly terminal?: C;
}

/** A name's index in the report's series, `null` where it is none of them. */
export function seriesOf(series: readonly string[], name: string): number | null {
  const index = series.indexOf(name);
  return index === -1 ? null : index;
}

/** The figures of some blocks, in order. */
export function figuresIn<C extends AnyChart>(blocks: readonly Block<C>[]): Figure<C>[] {
  return blocks.filter((block) => block.kind === "figure");
}

/** The parts of a report that a reader moves. */
export function interactivesOf({ overview, sections }: Report<AnyChart>): Interactive[] {
  return [...overview, ...sections.flatMap(({ blocks }) => blocks)].filter((block) =>
    block.kind === "interactive"
  );
}

/** The pictures of a report. */
export function picturesOf({ overview, sections }: Report<AnyChart>): Pictures[] {
  return [...overview, ...sections.flatMap(({ blocks }) => blocks)].filter((block) =>
    block.kind === "pictures"
  );
}

/** All figures of a report, those of the first screen first. */
export function figuresOf<C extends AnyChart>({ overview, sections }: Report<C>): Figure<C>[] {
  return [...figuresIn(overview), ...sections.flatMap(({ blocks }) => figuresIn(blocks))];
}
