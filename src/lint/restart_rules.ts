import type { Suggestion } from "#schedules/finding.ts";
import { cyclesOf } from "./cycles.ts";
import type { AnyRule } from "./nodes.ts";

/** Pitfall 4 of sgdr.md: the ensemble that the cycles would have given at no cost. */
export const snapshotsForgotten: AnyRule = (node) => {
  const { snapshots } = node.facts;
  const found = cyclesOf(node);
  if (found?.purpose !== "descents" || found.restarts.length === 0 || snapshots === true) return [];
  return [{
    code: "snapshots-forgotten",
    severity: snapshots === false ? "warning" : "note",
    why:
      `${snapshots === false ? "No" : "If no"} model is saved at the ends of the ${
        found.restarts.length + 1
      } cycles` +
      `${snapshots === false ? ", so" : ","} the ensemble that they would give at no cost is lost.`,
    source: "sgdr.md, pitfall 4; Huang et al., 2017, arXiv:1704.00109",
    suggestions: [{
      kind: "run",
      facts: { snapshots: true },
      text: "snapshots: {}, a snapshot at the last step of each cycle",
    }],
  }];
};

const RESET: Suggestion = {
  kind: "run",
  facts: { resetsOptimizer: true },
  text: "reset_at_restart: true, to reset the optimizer's state at each restart, or optimizer: { name: sgd }",
};

/** Pitfall 5 of sgdr.md: moments from the end of a cycle steer the first steps after its restart. */
export const adamKeepsItsState: AnyRule = (node) => {
  const { optimizer, resetsOptimizer } = node.facts;
  const found = cyclesOf(node);
  if (found?.purpose !== "descents" || found.restarts.length === 0 || resetsOptimizer === true) return [];
  if (optimizer === undefined || !/adam|rmsprop|adagrad|adadelta|lion|lamb/i.test(optimizer)) return [];
  return [{
    code: "adaptive-optimizer-without-reset",
    // Decoupled decay softens it, so that adamw with care is a way out too.
    severity: /adamw/i.test(optimizer) && resetsOptimizer === undefined ? "note" : "warning",
    why:
      `${optimizer} keeps its moments over a restart, and they damp or misdirect the large steps that follow it.`,
    source: "sgdr.md, pitfall 5; Reddi et al., 2018, arXiv:1904.09237",
    suggestions: [RESET],
  }];
};

/** Pitfall 6 of sgdr.md: the first steps after a restart are the likeliest to explode. */
export const restartsWithoutClipping: AnyRule = (node) => {
  const { clipNorm } = node.facts;
  const found = cyclesOf(node);
  const at = found?.restarts[0];
  if (found === null || !found.wantsRestarts || at === undefined || typeof clipNorm === "number") return [];
  const [before, after] = [node.built.lr(at - 1), node.built.lr(at)];
  if (after < 10 * before) return [];
  return [{
    code: "restarts-without-clipping",
    severity: clipNorm === null ? "warning" : "note",
    why:
      `At step ${at} the rate jumps ${before === 0 ? "from 0" : `${Math.round(after / before)}-fold`} to ` +
      `${Number(after.toPrecision(3))}; ${
        clipNorm === null ? "without" : "if there is no"
      } bound on the gradient's ` +
      `norm${clipNorm === null ? "" : ","} such a jump can make the loss explode.`,
    source: "sgdr.md, pitfall 6",
    suggestions: [{ kind: "run", facts: { clipNorm: 1 }, text: "clip_norm: 1.0" }],
  }];
};
