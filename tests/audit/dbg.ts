import { answerOf, auditOf, readTraces } from "/work/wt/audit/tests/audit/traces.ts";
const all = readTraces("seen");
for (const arg of Deno.args) {
  const [mode, id] = arg.split(":");
  const t = all.find((x) => x.id === id)!;
  const s = performance.now();
  const a = auditOf(t, mode === "plan");
  console.log(
    mode,
    id,
    answerOf(t, a),
    Math.round(performance.now() - s) + "ms",
    a.why,
    a.defects.map((d) => d.what).join(),
    a.found?.family,
    JSON.stringify(a.found?.parameters),
    a.found?.end,
    "held",
    a.found?.held,
    "err",
    a.error,
    JSON.stringify(a.departure),
  );
  console.log(
    "   ",
    JSON.stringify(t.spec),
    t.total,
    t.steps_per_epoch,
    "first",
    t.first,
    "every",
    t.every,
    t.rates.slice(0, 6),
    t.rates.slice(-3),
  );
}
