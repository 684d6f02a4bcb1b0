/** First words of the ids of runs that belong to no arm's comparison. */
const STAGES = ["tune", "sweep", "budget"];

/**
 * A name that is safe as a folder on every system: `[a-z0-9.-]`, at most 80 characters. Different texts can have the
 * same one.
 */
export function slug(text: string): string {
  const plain = text.normalize("NFKD").replace(/×/g, "x").toLowerCase().replace(/[^a-z0-9.]+/g, "-");
  return plain.replace(/^[-.]+|[-.]+$/g, "").slice(0, 80).replace(/[-.]+$/, "") || "arm";
}

interface NamedArm {
  readonly name: string;
  readonly members?: number | undefined;
}

/**
 * The first part of the ids of each arm's runs, by the arm's name, such that no two runs of a spec share an id. Arms
 * whose names have the same slug (`wd +` and `wd -`) are numbered, around the slugs of all other arms. So is an arm that
 * is named like a stage (`tune a`), or like the members of another (`cosine 1` beside `cosine` with members).
 */
export function armStems(arms: readonly NamedArm[]): ReadonlyMap<string, string> {
  const isEnsemble = ({ members }: NamedArm) => members !== undefined;
  const slugs = new Set(arms.map(({ name }) => slug(name)));
  const stems = new Map<string, string>();
  const ensembles: string[] = [];
  const isFree = (stem: string) =>
    ![...stems.values()].includes(stem) && !STAGES.includes(stem.split("-")[0]!) &&
    // The id of a member is `<stem>-<seed>-<index>`, that of any other run `<stem>-<seed>`.
    !ensembles.some((other) => stem.startsWith(`${other}-`) && /^\d+$/.test(stem.slice(other.length + 1)));
  // Those with members first: what the others must not look like is known then.
  for (const arm of [...arms.filter(isEnsemble), ...arms.filter((arm) => !isEnsemble(arm))]) {
    const own = slug(arm.name);
    const numbers = Array.from({ length: arms.length + 1 }, (_, index) => index + 2);
    const others = [...numbers.map((n) => `${own}-${n}`), ...numbers.map((n) => `arm-${own}-x${n}`)];
    // Of so many names one is free: each arm takes one.
    const stem = isFree(own) ? own : others.find((other) => isFree(other) && !slugs.has(other))!;
    stems.set(arm.name, stem);
    if (isEnsemble(arm)) ensembles.push(stem);
  }
  return stems;
}

/** A run's id: what it is, its seed, and for a member its index. */
export function runId(
  stem: string,
  { seed, member }: { readonly seed: number; readonly member?: { of: number; index: number } | undefined },
): string {
  return member ? `${stem}-${member.of}-${member.index}` : `${stem}-${seed}`;
}

/** A rate as a part of an id, without a dash: `0.05`, `1e_7`. */
export function rateSlug(rate: number): string {
  return String(rate).replace("-", "_").replace("+", "");
}

/** Members of one seed have seeds of their own, this far apart; the first has the seed itself. */
export const MEMBER_SEEDS = 100_000;

/** The seeds of the members of one seed, in order. */
export function memberSeeds(seed: number, members: number): number[] {
  return Array.from({ length: members }, (_, index) => seed + MEMBER_SEEDS * index);
}
