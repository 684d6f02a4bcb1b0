import { merged, type Row } from "./row.ts";
import { type Part, PARTS, type Unit } from "./units.ts";

const TITLES: Readonly<Record<Part, string>> = {
  kills: "Kills",
  disks: "Disks",
  damage: "Damaged files",
  starts: "Starts",
  fuzz: "Hostile inputs",
};

/** What the rows of a part say, where its words are not enough. */
const ABOUT: Readonly<Partial<Record<Part, string>>> = {
  kills:
    `A SIGKILL comes at a random moment of a process that works on eight studies at once, each in a folder of its own and
with a checkpoint after every step, or, in the rows that say so, of the command's own process. Every study that it hits is
resumed, and killed again, until it comes to its end; then its events, weights, averages, snapshots, predictions, masks and
figures are compared, bit for bit, with those of a study that was never stopped. Times are studies that were killed.
`,
  fuzz:
    `Inputs are right ones with one to five random changes. They are read in a process whose heap is limited to 256 MB.
`,
};

/** Rows of a part of the measurement. */
export interface Table {
  readonly part: Part;
  readonly rows: readonly Row[];
}

export interface Provenance {
  readonly command: string;
  readonly commits: readonly string[];
  /** Of the processor. */
  readonly seconds: number;
  /** What has not run yet; empty for a whole measurement. */
  readonly left: readonly Pick<Unit, "part" | "tries">[];
}

const HEAD = `# Reliability

What the lab does when it is killed, when its disk is full, gone or read-only, when its files are damaged, and when its
readers get hostile inputs. A fault is a result that differs from that of a run that nothing disturbed, a crash, an error
that is not one message in words, or an input that takes more than 2 s of the processor or 256 MB of memory.

Measured by the command below, which writes this page; \`--full\` makes 1,000 kills and 1,000,000 inputs. It can be stopped
at any time: the same command goes on where it was, \`--minutes\` stops it by itself, and a second process with
\`--backwards\` helps it.
`;

/** docs/reliability.md */
export function page(tables: readonly Table[], { command, commits, seconds, left }: Provenance): string {
  const of = commits.length === 0 ? "" : ` Code: ${commits.join(", ")}.`;
  const about =
    `It took ${seconds < 600 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} minutes`} of one ` +
    `processor.${of}\n`;
  const unfinished = PARTS.flatMap((part) => {
    const tries = left.filter((unit) => unit.part === part).reduce((sum, unit) => sum + unit.tries, 0);
    return tries === 0 ? [] : [`${number(tries)} of "${TITLES[part]}"`];
  });
  const missing = unfinished.length === 0 ? [] : [`Not done yet: ${unfinished.join(", ")}.\n`];
  return [HEAD, `    ${command}\n`, about, ...missing, ...tables.map(table)].join("\n");
}

function table({ part, rows }: Table): string {
  const lines = merged(rows).map((row) =>
    `| ${row.what} | ${row.tries.toLocaleString("en")} | ${found(row)} | ${row.faults.length} |`
  );
  return [
    `## ${TITLES[part]}\n`,
    ...(ABOUT[part] ? [ABOUT[part]] : []),
    "| what | times | found | faults |",
    "| --- | --: | --- | --: |",
    ...lines,
    "",
  ]
    .join("\n");
}

const number = (value: number) => value.toLocaleString("en");

function found({ counts, most }: Row): string {
  const added = Object.entries(counts).map(([name, count]) => `${number(count)} ${name}`);
  const largest = Object.entries(most).map(([name, value]) => `${number(value)} ${name}`);
  return [added.join(", "), ...(largest.length === 0 ? [] : [`at most ${largest.join(", ")}`])].join("; ");
}

/** A part for the terminal, with its faults in full. */
export function printTable(one: Table): string {
  const faults = one.rows.flatMap(({ what, faults }) => faults.map((fault) => `FAULT ${what}: ${fault}`));
  return [table(one), ...faults].join("\n");
}
