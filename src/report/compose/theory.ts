import type { ExplorerData } from "#theory/explorer.ts";
import type { Study } from "#theory/study.ts";
import type { TheorySummary } from "#results/theory.ts";
import type { Interactive, Report, Section } from "../model.ts";
import { compact } from "#lib/numbers.ts";
import { duration, reproductionBlocks } from "../sections/setup/provenance.ts";
import { conditionsTable, sumFigures } from "../sections/theory/conditions.ts";
import { errorFigures, trajectoriesTable } from "../sections/theory/trajectories.ts";
import { distributionFigures, distributionsTable } from "../sections/theory/distributions.ts";
import { verdictStrip } from "../sections/overview/strip.ts";
import { trajectoriesFigure } from "../sections/theory/trajectories_figure.ts";
import { ratioFigure, varianceFigure } from "../sections/theory/floors.ts";
import { theoryHeadline } from "../sections/theory/headline.ts";

/** Exercise 0 as a report: the verdict on each claim at a glance, then a section for each part of the theory, folded. */
export function composeTheoryReport(summary: TheorySummary): Report {
  const { study, answers, provenance } = summary;
  return {
    eyebrow: `LR Lab · ${summary.name} · seed ${study.seed} · ${provenance.at.slice(0, 10)}`,
    title: theoryHeadline(answers),
    summary: "",
    notices: [],
    series: study.trajectories.map(({ name }) => name),
    overview: [
      ...explorerPart(study),
      trajectoriesFigure(study),
      ...ratioFigure(study),
      ...verdictStrip(answers, ANSWERS),
    ],
    sections: [
      { id: ANSWERS, title: "Claims", brief: true, blocks: [{ kind: "answers", answers }] },
      floorSection(study),
      distributionSection(study),
      conditionsSection(study),
      trajectoriesSection(study),
      setupSection(summary),
    ],
  };
}

/** The longest run that follows a slider. */
const LONGEST_MOVED = 8192;

/** SGD on the noisy quadratic with sliders. */
function explorerPart({ problem, seed, trajectorySteps, trajectories }: Study): Interactive[] {
  if (trajectorySteps > LONGEST_MOVED) return [];
  const data: ExplorerData = {
    problem,
    seed,
    steps: trajectorySteps,
    schedules: trajectories.filter(({ averageFrom }) => averageFrom === null)
      .map(({ name, schedule }) => ({ name, schedule })),
  };
  const text = "The HTML report has sliders here, in a browser with JavaScript.";
  return [{
    kind: "interactive",
    id: "explorer",
    program: "explorer",
    title: "SGD on a noisy quadratic, interactive",
    data,
    still: [{ kind: "text", text }],
  }];
}

/** Id of the section with the verdict on each claim in full. */
const ANSWERS = "answers";

function floorSection(study: Study): Section {
  return {
    id: "floor",
    title: "Loss floor",
    brief: false,
    blocks: [{
      kind: "text",
      text:
        "Claim: the variance of x settles at ησ²/(h(2 − ηh)), with momentum μ at ησ²(1 + μ)/(h(1 − μ)(2(1 + μ) − ηh)).",
    }, ...varianceFigure(study)],
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
          "Claim: once settled, x is normally distributed. At a large rate the last few shocks dominate and show their own " +
          "distribution: coin flips at ηh = 0.5 give a uniform one.",
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
          "Robbins and Monro require Σ η = ∞ (x can move any distance) and Σ η² < ∞ (its noise is bounded). A sum is " +
          "infinite where its increase over a doubling of the run does not shrink.",
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
          "Claim: with c/t the error falls as 1/t if c·h > 1/2, else as t to the power −2ch; with 1/√t as 1/√t; at a " +
          "constant rate it stops at its floor, with 1/t² before the minimum. The conditions say nothing about a run of " +
          `${compact(study.trajectorySteps, 6)} steps.`,
      },
      ...errorFigures(study),
      trajectoriesTable(study),
    ],
  };
}

function setupSection({ study, provenance, introduction }: TheorySummary): Section {
  const { problem, chains, seed } = study;
  return {
    id: "setup",
    title: "Setup",
    brief: false,
    blocks: [
      { kind: "text", text: introduction },
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
