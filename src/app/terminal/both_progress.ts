import type { Progress } from "./progress.ts";

/** Reports the same to two. */
export function bothProgress(one: Progress, other: Progress): Progress {
  return {
    events: (plan, events) => [one, other].forEach((each) => each.events(plan, events)),
    known: (plan, record) => [one, other].forEach((each) => each.known(plan, record)),
    more: (plans) => [one, other].forEach((each) => each.more(plans)),
    notice: (text) => [one, other].forEach((each) => each.notice(text)),
    close: () => [one, other].forEach((each) => each.close()),
  };
}
