import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { sha256, sha256Base64, sha256Hex } from "#lib/sha256.ts";

const expected = (text: string) => createHash("sha256").update(text, "utf8").digest("base64");

Deno.test("SHA-256 agrees with Node's, for any text", async () => {
  for (const text of ["", "é".repeat(200), "0123456789abcdef".repeat(100_000)]) {
    assert.equal(await sha256Base64(text), expected(text));
  }
  await fc.assert(fc.asyncProperty(fc.string({ unit: "binary" }), async (text) => {
    assert.equal(await sha256Base64(text), expected(text));
    assert.equal(await sha256Hex(text), createHash("sha256").update(text, "utf8").digest("hex"));
  }));
});

Deno.test("SHA-256 of bytes that are a part of others, or that workers share", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.nat(300), async (bytes, from) => {
      const part = bytes.subarray(from);
      const digest = Uint8Array.from(createHash("sha256").update(part).digest());
      assert.deepEqual(await sha256(part), digest);
      assert.equal(await sha256Hex(part), digest.toHex());
      const shared = new Uint8Array(new SharedArrayBuffer(part.length));
      shared.set(part);
      assert.deepEqual(await sha256(shared), digest);
    }),
  );
});
