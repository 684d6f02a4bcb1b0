import type { Expectation } from "#stats/verdict.ts";
import { verdictOf } from "#stats/verdict.ts";
import { unitOf } from "#results/metrics.ts";
import type { Spec } from "#spec/schema.ts";
import { ratesOf, tunedArms } from "#spec/plan.ts";
import { differenceText } from "./difference_text.ts";
import type { Asked, Question } from "./exercise.ts";
import type { ArmBudgets } from "./experiment/budgets.ts";
import type { Evidence } from "./experiment/evidence.ts";
import type { BySeed } from "./experiment/looks.ts";

/** The tuning of an arm: so many of its rates, or the one rate that is given, untried. */
export type Budget = { readonly rates: number } | { readonly rate: number };

interface Tuned {
  readonly arm: string;
  readonly budget: Budget;
  readonly against: string;
  readonly againstBudget: Budget;
  readonly expect: Expectation;
  /** The largest difference that does not matter, as a share; the spec's or metric's if not given. */
  readonly margin?: number;
}

const METRIC = "test_accuracy";

/** Asks whether an arm with one tuning budget ends at a better test accuracy than another, or itself, with one. */
export function tunedWith(
  asked: Asked,
  { arm, budget, against, againstBudget, expect, margin }: Tuned,
): Question {
  return ofBudgets(asked, [arm, against], {
    what: `test accuracy of ${arm} ${budgetText(budget)} minus ${against} ${budgetText(againstBudget)}`,
    values: ([own, other]) => [reached(own, budget), reached(other, againstBudget)],
    expect,
    margin,
    check: (spec) =>
      [[arm, budget], [against, againstBudget]].forEach((one) =>
        checkBudget(spec, ...one as [string, Budget])
      ),
  });
}

/** Asks whether half and twice the chosen rate cost an arm more or less test accuracy than another. */
export function sensitiveToRate(
  asked: Asked,
  { arm, against, expect, margin }: Omit<Tuned, "budget" | "againstBudget">,
): Question {
  return ofBudgets(asked, [arm, against], {
    what: `test accuracy lost at half and twice the chosen rate (their mean), ${arm} minus ${against}`,
    values: ([own, other]) => [own?.lostBesideChosen() ?? NONE, other?.lostBesideChosen() ?? NONE],
    expect,
    margin,
    check: (spec) => [arm, against].forEach((one) => checkBudget(spec, one, { rates: 1 })),
  });
}

const NONE: BySeed = new Map();

interface OfBudgets {
  readonly what: string;
  readonly values: (budgets: readonly [ArmBudgets | null, ArmBudgets | null]) => readonly [BySeed, BySeed];
  readonly expect: Expectation;
  readonly margin: number | undefined;
  readonly check: (spec: Spec) => void;
}

function ofBudgets(
  asked: Asked,
  arms: readonly [string, string],
  { what, values, expect, margin, check }: OfBudgets,
): Question {
  const { unit, scale } = unitOf(METRIC);
  return {
    ...asked,
    unit,
    metric: METRIC,
    needs: { arms: [...new Set(arms)], budgets: true },
    check,
    answer: (evidence: Evidence) => {
      const [own, other] = values([evidence.budgets(arms[0]), evidence.budgets(arms[1])]);
      const measured = evidence.difference(own, other, {
        resolution: evidence.resolution(METRIC),
        largest: 1,
      });
      const allowed = margin ?? evidence.margin(METRIC);
      return {
        verdict: verdictOf(measured, expect, {
          unit,
          scale,
          ...(allowed !== undefined && { margin: allowed }),
        }),
        text: `${what}: ${differenceText(measured, unit, scale)}.`,
      };
    },
  };
}

function reached(budgets: ArmBudgets | null, budget: Budget): BySeed {
  if (budgets === null) return NONE;
  return "rates" in budget ? budgets.expected(budget.rates) : budgets.at(budget.rate);
}

function budgetText(budget: Budget): string {
  if ("rate" in budget) return `at ${budget.rate}`;
  return budget.rates === 1 ? "with one rate" : `with the best of ${budget.rates} rates`;
}

/** @throws {RangeError} for an arm without budgets, for more rates than are tried, or for another rate. */
function checkBudget(spec: Spec, name: string, budget: Budget): void {
  const arm = tunedArms(spec).find((one) => one.name === name);
  const text = `Cannot ask what tuning gives ${JSON.stringify(name)}`;
  if (!spec.tune?.budgets || !arm) {
    throw new RangeError(
      `${text}: the spec needs \`tune: { budgets: true }\`, and the arm a rate that is \`tuned\``,
    );
  }
  const rates = ratesOf(spec, arm);
  if ("rates" in budget ? budget.rates <= rates.length : rates.includes(budget.rate)) return;
  throw new RangeError(
    "rates" in budget
      ? `${text} with ${budget.rates} rates: it has ${rates.length}`
      : `${text} at the rate ${budget.rate}: it is not one of ${rates.join(", ")}`,
  );
}
