/** Refusal of an optimizer or layer that a device has no kernel for: every one runs on the CPU in 64 bits. */
export function missingKernel(
  device: string,
  what: "optimizer" | "layer",
  name: string,
  known: readonly string[],
): TypeError {
  return new TypeError(
    `The ${device} device has no kernel for ${what} ${JSON.stringify(name)}; it has ${known.join(", ")}. ` +
      "Take --backend cpu, which needs none",
  );
}
