/**
 * What the audit says of the traces with planted defects, as a table: rows are planted, columns named.
 *
 *     deno run --allow-read tests/audit/confusion.ts [seen | aside | all] [--file=FRESH.json] [--plan | --alone] [--list]
 *
 * `aside` is the third that was kept aside while the audit was built; `--list` prints each trace that is not named rightly.
 */
import { answerOf, auditOf, needsPlan, readTraces, type Trace } from "./traces.ts";

const part = Deno.args.find((one) => !one.startsWith("--")) ?? "seen";
const file = Deno.args.find((one) => one.startsWith("--file="))?.slice("--file=".length);
const traces = readTraces(part as "seen", file);

function table(title: string, rows: readonly { readonly trace: Trace; readonly answer: string }[]): void {
  const planted = [...new Set(rows.map(({ trace }) => trace.defect || "clean"))].sort();
  console.log(`\n${title}: ${rows.length} traces`);
  for (const defect of planted) {
    const own = rows.filter(({ trace }) => (trace.defect || "clean") === defect);
    const counts = new Map<string, number>();
    for (const { answer } of own) counts.set(answer, (counts.get(answer) ?? 0) + 1);
    const cells = [...counts].sort((a, b) => b[1] - a[1]).map(([answer, count]) => `${answer} ${count}`);
    console.log(`  ${defect.padEnd(24)}${String(own.length).padStart(3)}  ${cells.join(", ")}`);
  }
  const clean = rows.filter(({ trace }) => trace.defect === "");
  const alarms = clean.filter(({ answer }) => answer !== "clean" && answer !== "open").length;
  const broken = rows.filter(({ trace }) => trace.defect !== "");
  const right = broken.filter(({ trace, answer }) => trace.defect === answer).length;
  const share = (count: number, of: number) => `${count} of ${of} (${(100 * count / of).toFixed(1)} %)`;
  console.log(
    `  named rightly: ${share(right, broken.length)}; alarms on clean ones: ${alarms} of ${clean.length}`,
  );
}

const modes = Deno.args.includes("--plan") ? [true] : Deno.args.includes("--alone") ? [false] : [true, false];
for (const withPlan of modes) {
  const started = performance.now();
  const rows = traces.map((trace) => ({ trace, answer: answerOf(trace, auditOf(trace, withPlan)) }));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (withPlan) table(`With the plan (${seconds} s)`, rows);
  else {
    table(
      `Without a plan, defects that a log can show (${seconds} s)`,
      rows.filter(({ trace }) => !needsPlan(trace)),
    );
    table(
      "Without a plan, defects that need one",
      rows.filter(({ trace }) => needsPlan(trace)),
    );
  }
  if (Deno.args.includes("--list")) {
    for (const { trace, answer } of rows) {
      if (answer === (trace.defect || "clean")) continue;
      if (!withPlan && answer === "suspected") continue;
      console.log(
        `    ${
          withPlan ? "plan" : "alone"
        } ${trace.id}: ${answer} (every ${trace.every}, ${trace.precision}, ${
          JSON.stringify(trace.planted)
        })`,
      );
    }
  }
}
