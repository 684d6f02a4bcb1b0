import { judgeAll, type TheoryExercise } from "#theory/claim.ts";
import { runStudy } from "#theory/study.ts";
import type { SimulatedStudy } from "./study.ts";

const NAME = "Theory";

/** Exercise 0: simulates with one seed and judges its claims. Nothing is trained. */
export function theory(
  { introduction, settings, claims }: Pick<TheoryExercise, "introduction" | "settings" | "claims">,
  seed: number,
): SimulatedStudy<"theory"> {
  return {
    kind: "theory",
    name: NAME,
    stem: NAME,
    spec: null,
    plan: () => {
      const study = runStudy(settings, seed);
      const answers = judgeAll(claims, study);
      return (provenance) => ({
        version: 2,
        kind: "theory",
        name: NAME,
        introduction,
        provenance: provenance(),
        answers,
        study,
      });
    },
  };
}
