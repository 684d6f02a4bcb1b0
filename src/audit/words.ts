import type { Audit, Departure } from "./audit.ts";
import { short } from "./case.ts";
import type { RateLog } from "./log.ts";

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The outcome in one sentence. */
export function headlineOf({ verdict, defects, found, planned, why }: Audit): string {
  if (verdict === "defect") return `${capital(defects[0]!.defect.title)}.`;
  if (verdict === "open") return `Cannot tell. ${why}`;
  return planned !== null
    ? "No defect: every logged rate is the planned one."
    : `No defect: the rates are those of ${found!.family}.`;
}

/** The text below the headline: the figures of the defect, and where the log parts from its plan. */
export function detailsOf({ defects, departure }: Audit): string {
  return [...defects.map(({ what }) => what), ...(departure === null ? [] : [departureText(departure)])].join(
    " ",
  );
}

function departureText({ step, logged, planned, most, differing }: Departure): string {
  const largest = most === null || most.ratio < 1.0005
    ? ""
    : ` The largest ratio is ${short(most.ratio)}, at step ${most.step}.`;
  return `The log parts from the plan at step ${step} (${short(logged)} logged, ${short(planned)} planned; ` +
    `${differing} logged ${differing === 1 ? "rate differs" : "rates differ"}).${largest}`;
}

/** The recognised schedule in one line: its family and numbers. */
export function recognisedText({ found, error }: Pick<Audit, "found" | "error">): string {
  if (found === null) return "not recognised";
  const numbers = Object.entries(found.parameters).map(([name, value]) =>
    `${name.replaceAll("_", " ")} ${short(value)}`
  );
  return `${found.family}: ${numbers.join(", ")}; largest relative error ${
    error === null ? "unknown" : error.toExponential(1)
  }`;
}

/** The points of a log in one line. */
export function pointsText({ steps, every }: RateLog): string {
  if (steps.length === 0) return "none";
  const distance = every === 1 ? "every step" : `every ${every} steps`;
  return `${steps.length}, from step ${steps[0]} to ${steps.at(-1)}${
    steps.length > 1 ? `, ${distance}` : ""
  }`;
}

/** The address of a thread. */
export const threadUrl = (thread: string): string => `https://github.com/${thread.replace("#", "/issues/")}`;
