import assert from "node:assert/strict";
import { exercise } from "#exercises/00_theory/exercise.ts";
import { judgeAll, verdictWithin } from "#theory/claim.ts";
import { fallsAs, reachesOptimum } from "#theory/claims_falling.ts";
import { floorIsFormula, isNormal } from "#theory/claims_settled.ts";
import { runStudy, type Study } from "#theory/study.ts";
import { LONG } from "../support/long.ts";

const ASKED = { question: "?", hypothesis: "!" };
const study = runStudy(exercise.settings, 1);

Deno.test("an interval within the range supports, one outside contradicts, one across its end tells nothing", () => {
  assert.equal(verdictWithin([0.9, 1.1], [0.9, 1.1]), "supported");
  assert.equal(verdictWithin([1.2, 1.3], [0.9, 1.1]), "contradicted");
  assert.equal(verdictWithin([0.5, 0.8], [0.9, 1.1]), "contradicted");
  assert.equal(verdictWithin([1, 1.2], [0.9, 1.1]), "inconclusive");
  assert.equal(verdictWithin([0, 2], [0.9, 1.1]), "inconclusive");
});

Deno.test("verdicts do not hang on the seed", () => {
  const verdicts = (one: Study) => judgeAll(exercise.claims, one).map(({ verdict }) => verdict);
  const first = verdicts(study);
  assert.deepEqual(first, [
    "supported",
    "contradicted",
    "supported",
    "supported",
    "contradicted",
    "supported",
    "contradicted",
    "supported",
    "contradicted",
    "supported",
    "contradicted",
    "supported",
    "contradicted",
  ]);
  for (const seed of LONG ? [2, 3, 4] : [2]) {
    assert.deepEqual(verdicts(runStudy(exercise.settings, seed)), first);
  }
});

Deno.test("a claim about a floor goes with its worst rate", () => {
  const scaled = (factor: number): Study => ({
    ...study,
    floors: study.floors.map((floor) =>
      floor.momentum === 0 && floor.sharpness === 0.5 ? { ...floor, formula: factor * floor.formula } : floor
    ),
  });
  const verdict = (one: Study) => floorIsFormula(ASKED, { momentum: 0, margin: 0.1 }).judge(one);
  assert.equal(verdict(study).verdict, "supported");
  assert.equal(verdict(scaled(1.3)).verdict, "contradicted");
  assert.ok(Math.abs(verdict(scaled(1.3)).effect * 1.3 - 1) < 0.06);
  assert.equal(verdict(scaled(1.09)).verdict, "inconclusive");
});

Deno.test("claims that were never simulated are refused by name", () => {
  assert.throws(() => fallsAs(ASKED, { name: "1/t³", exponent: -3, margin: 1 }).judge(study), /"1\/t³"/);
  assert.throws(
    () => isNormal(ASKED, { noise: "coin", sharpness: 1.7, margin: 0.02 }).judge(study),
    /coin noise at ηh = 1.7: it was not simulated/,
  );
});

Deno.test("figures in words are those of the study", () => {
  const { finding, text } = reachesOptimum(ASKED, { name: "1/t²", margin: 0.01 }).judge(study);
  assert.match(
    finding,
    /^0\.358 \[0\.35\d, 0\.36\d?\] of the start's distance is left, claimed at most 0\.01$/,
  );
  assert.match(text, /^After 1,024 steps; exactly 0\.358 is left\. All its rates together come to 0\.411/);
});

Deno.test("a study is plain data: it survives being written and read", () => {
  assert.deepEqual(JSON.parse(JSON.stringify(study)), study);
});
