import assert from "node:assert/strict";
import { DEFECTS } from "#audit/defects/catalog.ts";
import { LONG } from "../support/long.ts";
import { answerOf, auditOf, needsPlan, readTraces } from "./traces.ts";

// The third that was kept aside is judged by `confusion.ts aside` alone; the others whole in long tests.
const SEEN = readTraces("seen").filter((_, index) => LONG || index % 6 === 3);

Deno.test("with the plan, 95 % of planted defects are named rightly, and no clean run gives an alarm", () => {
  const answers = SEEN.map((trace) => ({ trace, answer: answerOf(trace, auditOf(trace, true)) }));
  const clean = answers.filter(({ trace }) => trace.defect === "");
  assert.ok(clean.length >= 8);
  assert.deepEqual(clean.filter(({ answer }) => answer !== "clean").map(({ trace }) => trace.id), []);
  const broken = answers.filter(({ trace }) => trace.defect !== "");
  const wrong = broken.filter(({ trace, answer }) => answer !== trace.defect);
  assert.ok(
    wrong.length <= 0.05 * broken.length,
    wrong.map(({ trace, answer }) => `${trace.id}: ${answer}`).join("\n"),
  );
});

Deno.test("without a plan no clean run gives an alarm, and most defects that a log can show are named", () => {
  const answers = SEEN.map((trace) => ({ trace, answer: answerOf(trace, auditOf(trace, false)) }));
  const alarms = answers.filter(({ trace, answer }) =>
    trace.defect === "" && !["clean", "open"].includes(answer)
  );
  assert.deepEqual(alarms.map(({ trace, answer }) => `${trace.id}: ${answer}`), []);
  const shown = answers.filter(({ trace }) => trace.defect !== "" && !needsPlan(trace));
  const right = shown.filter(({ trace, answer }) => trace.defect === answer);
  assert.ok(right.length >= 0.8 * shown.length, `${right.length} of ${shown.length}`);
});

Deno.test("every defect has its own code, a thread and a line that mends it, and stands in docs/audit.md", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/audit.md", import.meta.url));
  assert.equal(new Set(DEFECTS.map(({ code }) => code)).size, DEFECTS.length);
  for (const { code, threads, mend, title } of DEFECTS) {
    assert.match(code, /^[a-z-]+$/);
    assert.ok(Object.keys(mend).length > 0, code);
    assert.ok(Object.values(mend).every((line) => !line.includes("\n")), `${code}: one line`);
    for (const thread of threads) {
      assert.match(thread, /^[\w.-]+\/[\w.-]+#\d+$/);
      assert.ok(page.includes(thread), `${thread} of ${code}`);
    }
    const row = page.split("\n").find((line) => line.startsWith(`| ${code} `));
    assert.ok(row?.includes(`| ${title} `), code);
  }
});
