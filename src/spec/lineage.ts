import type { Spec } from "./schema.ts";

export type Arm = Spec["arms"][number];

/** A checkpoint file that an arm starts from, as it was found on disk. */
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

/** The parent that an arm's `from` names. */
export type Parent =
  | { readonly kind: "arm"; readonly arm: Arm }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "unknown"; readonly name: string };

/** An arm's parent; `null` where it begins with fresh weights. An arm's name goes before a file's. */
export function parentOf(arms: readonly Arm[], arm: Pick<Arm, "from">): Parent | null {
  if (arm.from === undefined) return null;
  const named = arms.find(({ name }) => name === arm.from);
  if (named) return { kind: "arm", arm: named };
  return arm.from.endsWith(".safetensors")
    ? { kind: "file", path: arm.from }
    : { kind: "unknown", name: arm.from };
}

/** The checkpoint files that a spec's arms start from, each once. */
export function startPaths({ arms }: Pick<Spec, "arms">): string[] {
  const paths = arms.flatMap((arm) => {
    const parent = parentOf(arms, arm);
    return parent?.kind === "file" ? [parent.path] : [];
  });
  return [...new Set(paths)];
}

/** An arm's lineage: the names of its parent, its parent's parent, and so on; ends before a name comes again. */
export function lineageOf(arms: readonly Arm[], arm: Arm): string[] {
  const names: string[] = [];
  for (let parent = parentOf(arms, arm); parent?.kind === "arm"; parent = parentOf(arms, parent.arm)) {
    if (names.includes(parent.arm.name)) break;
    names.push(parent.arm.name);
  }
  return names;
}

/** Arms in an order in which they can run: each after its parent, else as they are listed. */
export function parentsFirst(arms: readonly Arm[]): Arm[] {
  return arms.toSorted((a, b) => lineageOf(arms, a).length - lineageOf(arms, b).length);
}
