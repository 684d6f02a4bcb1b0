import assert from "node:assert/strict";
import { applySuggestion } from "#lint/suggestion.ts";
import { lintSchedule } from "#lint/lint.ts";
import type { Finding } from "#schedules/finding.ts";
import { MISCONFIGURATIONS } from "./misconfigurations.ts";

/** Findings that ask for a change, by code. */
const codes = (findings: readonly Finding[]) =>
  findings.filter(({ code }) => code !== "robbins-monro").map(({ code }) => code).sort();

for (const { thread, what, spec, shape, facts = {}, code } of MISCONFIGURATIONS) {
  Deno.test(`${thread}: ${what}`, () => {
    const findings = lintSchedule(spec, shape, facts);
    const found = findings.find((finding) => finding.code === code);
    assert.ok(found, `${code} is not among ${codes(findings).join(", ")}`);
    assert.ok(found.change, `${code} has no suggestion that works`);
    // The same trial as the linter's, from outside: what was found is gone, and nothing has come.
    const changed = applySuggestion({ spec, shape, facts }, found.change, found.path);
    const after = codes(lintSchedule(changed.spec, changed.shape, changed.facts));
    const count = (list: readonly string[], wanted: string) => list.filter((one) => one === wanted).length;
    assert.ok(
      count(after, code) < count(codes(findings), code),
      `${code} is still there: ${found.suggestion}`,
    );
    for (const other of after) {
      assert.ok(count(after, other) <= count(codes(findings), other), `${found.suggestion} brings ${other}`);
    }
  });
}

Deno.test("at least 40 misconfigurations are named, each by its own thread", () => {
  assert.ok(MISCONFIGURATIONS.length >= 40, String(MISCONFIGURATIONS.length));
  assert.equal(new Set(MISCONFIGURATIONS.map(({ thread }) => thread)).size, MISCONFIGURATIONS.length);
});
