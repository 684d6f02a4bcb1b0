import { textOf } from "./text.ts";

/** True for a table or list whose beginning names a step or an epoch: others in a folder are hardly logs of a run. */
export function hasAxis(head: Uint8Array): boolean {
  const [first = ""] = (textOf(head) ?? "").trimStart().split("\n", 1);
  return /\b_?(?:[a-z]+[_ /])?(?:steps?|epochs?|iter(?:ation)?s?)\b/i.test(first.slice(0, 20_000));
}
