import assert from "node:assert/strict";
import { type Outcome, outcomeOf } from "#export/rates.ts";
import type { Library } from "#schedules/frameworks/exports.ts";
import golden from "./framework_schedules.json" with { type: "json" };
import trainers from "./trainer_schedules.json" with { type: "json" };

/** Of a rate, relative to the larger one. */
const TOLERANCE = { float64: 1e-12, float32: 1e-5 };
/** Of the highest rate, below which nothing is left of the digits: the foot of a cosine. */
const FLOOR = { float64: 1e-15, float32: 1e-6 };
/** Keras takes cosines in 32-bit floats, whatever its floatx is, and fastai the progress through a part. */
const precisionOf = ({ library, call }: GoldenCase) =>
  (library === "keras" && call.includes("Cosine")) || library === "fastai" ? "float32" : "float64";

interface GoldenCase {
  readonly library: string;
  readonly call: string;
  readonly base: number;
  readonly total: number;
  /** Batches in an epoch; 1 where none is given. */
  readonly every?: number;
  readonly lr: readonly number[] | null;
  readonly lr_float32?: readonly number[] | null;
  readonly error: string | null;
}

const CASES: readonly GoldenCase[] = [...golden.cases, ...trainers.cases];
const LIBRARIES = [...new Set(CASES.map(({ library }) => library))] as Library[];
/** Keras computes in the type of the first rate. */
const isWholeRate = ({ library, call }: GoldenCase) => library === "keras" && /\((\d+,|\[\d+\], \[\d+,)/.test(call);

function outcome({ library, call, base, every = 1 }: GoldenCase): Outcome {
  return outcomeOf({ library: library as Library, text: call, base }, { totalSteps: 41, stepsPerEpoch: every });
}

function ratesOf(entry: GoldenCase): number[] {
  const found = outcome(entry);
  if (found.kind === "refusal") return assert.fail(`${entry.call}: refused, ${found.why}`);
  if (found.kind === "plateau") return [...found.rates(golden.metrics, entry.base)];
  return Array.from({ length: entry.total }, (_, t) => found.rate(t));
}

/** The largest relative difference beyond the floor. */
function largest(ours: readonly number[], theirs: readonly number[], floor: number): number {
  const peak = Math.max(...theirs.map(Math.abs));
  return Math.max(...ours.map((rate, t) => {
    const difference = Math.abs(rate - theirs[t]!);
    if (difference <= floor * peak) return 0;
    return difference / Math.max(Math.abs(rate), Math.abs(theirs[t]!));
  }));
}

for (const library of LIBRARIES) {
  const cases = CASES.filter((entry) => entry.library === library);

  Deno.test(`${library}: rates read from the text of a call are those that the library gives`, () => {
    assert.ok(cases.length >= 40, `${cases.length} cases`);
    const differences: number[] = [];
    const ofPeak: number[] = [];
    for (const entry of cases) {
      if (entry.error !== null || isWholeRate(entry)) continue;
      const ours = ratesOf(entry);
      assert.equal(ours.length, entry.lr!.length, entry.call);
      const precision = precisionOf(entry);
      const off = largest(ours, entry.lr!, FLOOR[precision]);
      assert.ok(off <= TOLERANCE[precision], `${entry.call}: off by ${off}`);
      differences.push(off);
      ofPeak.push(Math.max(...ours.map((rate, t) => Math.abs(rate - entry.lr![t]!))) / (Math.max(...entry.lr!) || 1));
    }
    console.log(
      `    ${differences.length} calls, off by ${Math.max(...differences).toExponential(1)} at most, ` +
        `by ${Math.max(...ofPeak).toExponential(1)} of the highest rate; ${cases.length - differences.length} refused`,
    );
  });

  if (cases.some(({ lr_float32 }) => lr_float32 != null)) {
    Deno.test(`${library}: by default it computes the same in 32-bit floats, but where a cycle is found by a logarithm`, () => {
      for (const entry of cases) {
        if (entry.error !== null || isWholeRate(entry) || entry.lr_float32 == null) continue;
        const ours = ratesOf(entry);
        const peak = Math.max(...entry.lr_float32);
        const wrong = ours.filter((rate, t) => Math.abs(rate - entry.lr_float32![t]!) > 1e-5 * peak).length;
        const allowed = /Restarts/.test(entry.call) && !/t_mul=1.0|7, 1.0/.test(entry.call) ? 3 : 0;
        assert.ok(wrong <= allowed, `${entry.call}: ${wrong} steps`);
      }
    });
  }

  const refused = cases.filter((entry) => entry.error !== null || isWholeRate(entry));
  if (refused.length > 0) {
    Deno.test(`${library}: a call that the library refuses is refused`, () => {
      for (const entry of refused) assert.equal(outcome(entry).kind, "refusal", entry.call);
    });
  }
}
