import { canonicalJson } from "#lib/json.ts";
import { modelText } from "#spec/model_text.ts";
import type { Spec, Vocabulary } from "#spec/schema.ts";
import type { SweepRequest } from "#spec/sweep/request.ts";
import { datasetOf, SEEN_NOTHING, type TrainingStudy } from "../study.ts";
import { planSweep, samplesOf, totalsOf } from "./plan.ts";
import { mostStages, sweepAfter } from "./rungs.ts";
import { summariseSweep } from "./summarise.ts";

/** Cells of values of a spec's keys, each with the same budget and seeds. */
export function sweep(
  spec: Spec,
  request: SweepRequest,
  vocabulary: Vocabulary,
): TrainingStudy<"sweep"> {
  return {
    kind: "sweep",
    name: spec.name,
    stem: `${spec.name} sweep`,
    spec,
    asked: { kind: "sweep", request },
    difference: (earlier) =>
      runsAsked(earlier.request) === runsAsked(request) ? null : "its axes, method, seeds or length differ",
    plan: ({ spec, data }) => {
      const plan = planSweep(spec, request, { data, vocabulary });
      const totals = totalsOf(plan);
      return {
        headline: request.looks
          ? `${plan.cells.length} cells, ${totals.runs} runs, up to ${
            plan.cells.length * request.seeds.length
          } as long as something is open`
          : `${plan.cells.length} cells, ${totals.runs} runs at most, ${totals.steps} steps`,
        totals,
        samples: samplesOf(plan),
        next: (stages, _problemOf, seen = SEEN_NOTHING) => {
          const { next } = sweepAfter(plan, stages, seen.elapsedS);
          const foreseen = !request.looks || stages.length === 0;
          const isLast = stages.length + 1 >= mostStages(plan);
          return Promise.resolve(next && { plans: next, foreseen, isLast, notices: [] });
        },
        summarise: (stages, { device, provenance }) =>
          summariseSweep(plan, sweepAfter(plan, stages, provenance.wall_s).state, {
            name: spec.name,
            model: modelOf(spec, request),
            dataset: datasetOf(data),
            device,
            provenance,
          }),
        label: ({ arm, id }) => `${arm}, ${id.replace(/-\d+$/, "")}`,
      };
    },
  };
}

function modelOf({ model }: Spec, { axes }: SweepRequest): string {
  const varies = axes.some(({ path }) => path === "model" || path.startsWith("model."));
  return varies ? "as the cell says" : modelText(model);
}

/** A request as text, without whether it may stop early: that decides no run's numbers. */
function runsAsked({ all: _all, ...rest }: SweepRequest): string {
  return canonicalJson(rest);
}
