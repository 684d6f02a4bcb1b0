import type { Spec } from "./schema.ts";

export type Arm = Spec["arms"][number];

/** What a run of the lab found out about a checkpoint file that an arm goes on from. */
export interface StartFile {
  /** SHA-256 (hex) of its bytes. */
  readonly digest: string;
  /** Steps that its run had done. */
  readonly step: number;
}

/** Checkpoint files by the path that the spec names them with. */
export type StartFiles = ReadonlyMap<string, StartFile>;

/** The arms that are compared: not those that are only a part of others. */
export function comparedArms({ arms }: Pick<Spec, "arms">): Arm[] {
  return arms.filter(({ compare }) => compare !== false);
}

/** The arm that others are compared with. */
export function baselineOf(spec: Pick<Spec, "arms" | "baseline">): string {
  return spec.baseline ?? comparedArms(spec)[0]!.name;
}

/** What an arm's `from` names. */
export type Origin =
  | { readonly kind: "arm"; readonly arm: Arm }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "unknown"; readonly name: string };

/** What an arm goes on from; `null` where it begins with fresh weights. An arm's name goes before a file's. */
export function originOf(arms: readonly Arm[], arm: Pick<Arm, "from">): Origin | null {
  if (arm.from === undefined) return null;
  const named = arms.find(({ name }) => name === arm.from);
  if (named) return { kind: "arm", arm: named };
  return arm.from.endsWith(".safetensors")
    ? { kind: "file", path: arm.from }
    : { kind: "unknown", name: arm.from };
}

/** The checkpoint files that a spec's arms go on from, each once. */
export function startPaths({ arms }: Pick<Spec, "arms">): string[] {
  const paths = arms.flatMap((arm) => {
    const origin = originOf(arms, arm);
    return origin?.kind === "file" ? [origin.path] : [];
  });
  return [...new Set(paths)];
}

/** The names of the arms that an arm comes from, nearest first; ends before a name comes again. */
export function ancestors(arms: readonly Arm[], arm: Arm): string[] {
  const names: string[] = [];
  for (let origin = originOf(arms, arm); origin?.kind === "arm"; origin = originOf(arms, origin.arm)) {
    if (names.includes(origin.arm.name)) break;
    names.push(origin.arm.name);
  }
  return names;
}

/** Arms in the order in which they can run: each after the one that it goes on from, else as they are listed. */
export function inOrder(arms: readonly Arm[]): Arm[] {
  return arms.toSorted((a, b) => ancestors(arms, a).length - ancestors(arms, b).length);
}
