/**
 * What the audit says of the traces with planted defects, as tables: rows are planted, columns what is said.
 *
 *     deno run --allow-read tests/audit/confusion.ts [seen | aside | all] [--file=FRESH.json] [--plan | --alone] [--list]
 *
 * `aside` is the third that was kept aside while the audit was built; `--list` prints each trace that is not named rightly.
 */
import {
  answerOf,
  auditOf,
  needsPlan,
  type Outcome,
  outcomeOf,
  OUTCOMES,
  readTraces,
  type Trace,
} from "./traces.ts";

const part = Deno.args.find((one) => !one.startsWith("--")) ?? "seen";
const file = Deno.args.find((one) => one.startsWith("--file="))?.slice("--file=".length);
const traces = readTraces(part as "seen", file);

interface Row {
  readonly trace: Trace;
  readonly answer: string;
  readonly outcome: Outcome;
}

const percent = (count: number, of: number) => of === 0 ? "" : `${(100 * count / of).toFixed(1)} %`;

/** Clean traces, and how many raised an alarm. */
function clean(rows: readonly Row[]): void {
  const own = rows.filter(({ trace }) => trace.defect === "");
  const count = (answer: string) => own.filter((row) => row.answer === answer).length;
  const alarms = own.length - count("clean") - count("open");
  console.log(
    `\nClean traces: ${own.length}; ${count("clean")} clean, ${
      count("open")
    } "cannot tell", ${alarms} alarms`,
  );
}

function table(title: string, rows: readonly Row[]): void {
  console.log(`\n${title}\n`);
  console.log(`| planted | traces | ${OUTCOMES.join(" | ")} | other names |`);
  console.log(`| --- | --: | ${OUTCOMES.map(() => "--:").join(" | ")} | --- |`);
  for (const defect of [...new Set(rows.map(({ trace }) => trace.defect))].sort()) {
    line(defect, rows.filter(({ trace }) => trace.defect === defect), true);
  }
  line("all", rows, false);
  const held = rows.filter(({ outcome }) => outcome !== "another schedule");
  const count = (outcome: Outcome) => held.filter((row) => row.outcome === outcome).length;
  const possible = count("named") + count("named as possible");
  console.log(
    `\nNamed: ${count("named")} of ${held.length} whose log is not that of another schedule too ` +
      `(${percent(count("named"), held.length)}); named or named as possible: ${
        percent(possible, held.length)
      }`,
  );
}

function line(name: string, rows: readonly Row[], withNames: boolean): void {
  const cells = OUTCOMES.map((outcome) => rows.filter((row) => row.outcome === outcome).length || "");
  const names = Map.groupBy(
    rows.filter(({ outcome }) => outcome === "another name"),
    ({ answer }) => answer,
  );
  const others = [...names].map(([answer, { length }]) => `${answer} ${length}`).join(", ");
  console.log(`| ${name} | ${rows.length} | ${cells.join(" | ")} | ${withNames ? others : ""} |`);
}

const modes = Deno.args.includes("--plan") ? [true] : Deno.args.includes("--alone") ? [false] : [true, false];
for (const withPlan of modes) {
  const rows = traces.map((trace): Row => {
    const found = auditOf(trace, withPlan);
    return { trace, answer: answerOf(trace, found), outcome: outcomeOf(trace, found) };
  });
  const planted = rows.filter(({ trace }) => trace.defect !== "");
  if (withPlan) table("With the plan", planted);
  else {
    table("Without a plan", planted.filter(({ trace }) => !needsPlan(trace)));
    table("Without a plan, defects of what was meant", planted.filter(({ trace }) => needsPlan(trace)));
  }
  clean(rows);
  if (Deno.args.includes("--list")) {
    for (const { trace, answer, outcome } of rows) {
      if (answer === (trace.defect || "clean")) continue;
      const { id, every, precision, planted } = trace;
      console.log(
        `    ${withPlan ? "plan" : "alone"} ${id}: ${answer}, ${outcome} (every ${every}, ${precision}, ${
          JSON.stringify(planted)
        })`,
      );
    }
  }
}
