import type { Study } from "#theory/study.ts";
import type { TheorySummary } from "#results/theory.ts";
import type { Report, Section } from "../model.ts";
import { compact } from "../format/numbers.ts";
import { duration, reproductionBlocks } from "../sections/setup/provenance.ts";
import { conditionsTable, sumFigures } from "../sections/theory/conditions.ts";
import { errorFigures, trajectoriesTable } from "../sections/theory/trajectories.ts";
import { distributionFigures, distributionsTable } from "../sections/theory/distributions.ts";
import { floorFigures } from "../sections/theory/floors.ts";
import { theoryHeadline } from "../sections/theory/headline.ts";

/** Exercise 0 as a report: the verdict on each claim, then a section for each part of the theory. */
export function composeTheoryReport(summary: TheorySummary): Report {
  const { study, answers, provenance } = summary;
  return {
    eyebrow: `LR Lab · ${summary.name} · seed ${study.seed} · ${provenance.at.slice(0, 10)}`,
    title: theoryHeadline(answers),
    summary: summary.introduction,
    notices: [],
    series: study.trajectories.map(({ name }) => name),
    sections: [
      { id: "answers", title: "Claims", brief: true, blocks: [{ kind: "answers", answers }] },
      floorSection(study),
      distributionSection(study),
      conditionsSection(study),
      trajectoriesSection(study),
      setupSection(summary),
    ],
  };
}

function floorSection(study: Study): Section {
  return {
    id: "floor",
    title: "Loss floor",
    brief: false,
    blocks: [{
      kind: "text",
      text:
        "Claim: at a constant learning rate η the variance of x settles at ησ²/(h(2 − ηh)), with momentum μ at " +
        "ησ²(1 + μ)/(h(1 − μ)(2(1 + μ) − ηh)). Both are close to a straight line in η only while ηh is small.",
    }, ...floorFigures(study)],
  };
}

function distributionSection(study: Study): Section {
  return {
    id: "distribution",
    title: "Distribution",
    brief: true,
    blocks: [
      {
        kind: "text",
        text:
          "Claim: once settled, x is normally distributed with that variance. This holds where x is a sum of many small " +
          "shocks, whatever their distribution. At a large learning rate x consists mostly of the last few shocks, and " +
          "their distribution shows: coin flips at ηh = 0.5 give a uniform distribution, because x is then a binary " +
          "fraction with random digits.",
      },
      ...distributionFigures(study),
      distributionsTable(study),
    ],
  };
}

function conditionsSection(study: Study): Section {
  return {
    id: "conditions",
    title: "Robbins–Monro",
    brief: true,
    blocks: [
      {
        kind: "text",
        text:
          "Robbins and Monro require of the rates of an endless run that Σ η = ∞, so that x can move any distance, and " +
          "that Σ η² < ∞, so that the accumulated noise is bounded. Claim: 1/t meets both conditions, and so does 1/√t. " +
          "The test is the increase of each sum over a doubling of the run: where it does not shrink, the sum is " +
          "infinite. Schedules with an end are continued beyond it.",
      },
      ...sumFigures(study),
      conditionsTable(study),
    ],
  };
}

function trajectoriesSection(study: Study): Section {
  return {
    id: "speed",
    title: "Speed",
    brief: true,
    blocks: [
      {
        kind: "text",
        text:
          "Claim: with c/t the error falls as 1/t if c·h > 1/2, and as t to the power −2ch otherwise; with 1/√t it falls " +
          "as 1/√t; with a constant rate it stops at its floor, while the mean of the iterates keeps improving; with 1/t² " +
          "it stops before the minimum. The conditions of Robbins and Monro state where an endless run ends; they state " +
          `nothing about a run of ${compact(study.trajectorySteps, 6)} steps.`,
      },
      ...errorFigures(study),
      trajectoriesTable(study),
    ],
  };
}

function setupSection({ study, provenance }: TheorySummary): Section {
  const { problem, chains, seed } = study;
  return {
    id: "setup",
    title: "Setup",
    brief: false,
    blocks: [
      {
        kind: "facts",
        facts: [
          { label: "Loss", value: `f(x) = ½hx² with h = ${problem.curvature}, from x = ${problem.start}` },
          { label: "Gradient", value: `hx + σε with σ = ${problem.noise}, ε fresh at each step` },
          {
            label: "Chains",
            value:
              `${compact(chains.floors, 6)} for each loss floor, ${
                compact(chains.distributions, 6)
              } for each ` +
              `distribution, ${compact(chains.trajectories, 6)} for each schedule (all with the same noise)`,
          },
          { label: "Seed", value: String(seed) },
          {
            label: "Exact values",
            value: "mean and variance of x from their linear recursions, in float64",
          },
        ],
      },
      ...reproductionBlocks(provenance.command, [
        { label: "Started", value: provenance.at },
        {
          label: "Wall time",
          value: provenance.wall_s < 10 ? `${provenance.wall_s.toFixed(1)} s` : duration(provenance.wall_s),
        },
        {
          label: "Versions",
          value: Object.entries(provenance.versions).map((pair) => pair.join(" ")).join(", "),
        },
        { label: "Commit", value: provenance.commit ?? "unknown" },
      ]),
    ],
  };
}
