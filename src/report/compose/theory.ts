import type { Study } from "#theory/study.ts";
import type { TheorySummary } from "#results/theory.ts";
import type { Report, Section } from "../model.ts";
import { compact } from "../format/numbers.ts";
import { duration } from "../sections/setup/setup.ts";
import { conditionsTable, sumFigures } from "../sections/theory/conditions.ts";
import { errorFigures, trajectoriesTable } from "../sections/theory/trajectories.ts";
import { distributionFigures, distributionsTable } from "../sections/theory/distributions.ts";
import { floorFigures } from "../sections/theory/floors.ts";
import { theoryHeadline } from "../sections/theory/headline.ts";

/** Exercise 0 as a report: what became of the claims, then a section for each part of the theory. */
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
    title: "Floor",
    brief: false,
    blocks: [{
      kind: "text",
      text:
        "Claimed: at a constant rate η the variance of x settles at ησ²/(h(2 − ηh)), with momentum μ at " +
        "ησ²(1 + μ)/(h(1 − μ)(2(1 + μ) − ηh)). Both are near a straight line in η only while ηh is small.",
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
          "Claimed: a settled x is normally distributed with that variance. A sum of many small shocks is, " +
          "whatever each shock looks like; at a large rate the last few shocks are most of x, and their shape shows. " +
          "A coin flip at ηh = 0.5 gives an even distribution, since x is then a binary fraction with random digits.",
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
          "Robbins and Monro ask of an endless run's rates that Σ η = ∞, so that they can carry x any distance, and that " +
          "Σ η² < ∞, so that the noise they let in is bounded. " +
          "Claimed: 1/t meets both, and so does 1/√t. What each doubling of the run adds tells: blocks that do not " +
          "shrink sum to infinity. Schedules with an end are continued beyond it.",
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
          `Claimed: c/t falls as 1/t if c·h > 1/2, else as t to the power −2ch; 1/√t falls as its rate; a constant ` +
          `rate stops at its floor, but the mean of its iterates does not; 1/t² stops on its way. Robbins and ` +
          `Monro's conditions say where an endless run ends; of a run of ${
            compact(study.trajectorySteps, 6)
          } steps they say nothing.`,
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
              `${compact(chains.floors, 6)} for each floor, ${compact(chains.distributions, 6)} for each ` +
              `distribution, ${
                compact(chains.trajectories, 6)
              } for each schedule, which all see the same noise`,
          },
          { label: "Seed", value: String(seed) },
          {
            label: "Exact figures",
            value: "mean and variance of x follow linear recursions, run in float64",
          },
        ],
      },
      { kind: "text", text: "The command that makes this report again:" },
      { kind: "command", text: provenance.command },
      {
        kind: "facts",
        facts: [
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
        ],
      },
    ],
  };
}
