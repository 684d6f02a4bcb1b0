/** A part of the measurement, as a table. */
export interface Part {
  readonly title: string;
  readonly rows: readonly Row[];
}

export interface Row {
  readonly what: string;
  readonly tries: number;
  /** In words, besides faults. */
  readonly found: string;
  readonly faults: readonly string[];
}

const HEAD = `# Reliability

What the lab does when it is killed, when its disk is full, gone or read-only, when its files are damaged, and when its
readers get hostile inputs. A fault is a result that differs from that of a run that nothing disturbed, a crash, an error
that is not one message in words, or an input that takes more than 2 s of the processor or 256 MB of memory.

Measured by the command below, which writes this page; \`--full\` makes 1,000 kills and 1,000,000 inputs.
`;

/** docs/reliability.md */
export function page(parts: readonly Part[], command: string): string {
  return [HEAD, `    ${command}\n`, ...parts.map(table)].join("\n");
}

function table({ title, rows }: Part): string {
  const lines = rows.map(({ what, tries, found, faults }) =>
    `| ${what} | ${tries.toLocaleString("en")} | ${found} | ${faults.length} |`
  );
  return [`## ${title}\n`, "| what | times | found | faults |", "| --- | --: | --- | --: |", ...lines, ""]
    .join("\n");
}

/** The part for the terminal, with its faults in full. */
export function printPart(part: Part): string {
  const faults = part.rows.flatMap(({ what, faults }) => faults.map((fault) => `FAULT ${what}: ${fault}`));
  return [table(part), ...faults].join("\n");
}
