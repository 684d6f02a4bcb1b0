import assert from "node:assert/strict";
import { random } from "#lib/prng.ts";
import { largestEigenvalue } from "#train/lanczos.ts";
import { eigenvalues } from "../support/symmetric.ts";

/** QΛQᵀ of given eigenvalues, by reflections. */
function matrixOf(values: readonly number[], seed: number): Float64Array[] {
  const source = random(seed, "matrix");
  const size = values.length;
  let matrix = values.map((value, row) => Float64Array.from(values, (_, at) => at === row ? value : 0));
  for (let turn = 0; turn < 3; turn++) {
    const v = Float64Array.from(values, () => source.normal());
    const squares = v.reduce((sum, value) => sum + value * value, 0);
    const reflect = (rows: Float64Array[]) =>
      rows.map((row) => {
        const share = 2 * row.reduce((sum, value, at) => sum + value * v[at]!, 0) / squares;
        return row.map((value, at) => value - share * v[at]!);
      });
    const turned = (rows: Float64Array[]) =>
      Array.from({ length: size }, (_, row) => Float64Array.from(rows, (each) => each[row]!));
    matrix = turned(reflect(turned(reflect(matrix))));
  }
  return matrix;
}

const productOf = (matrix: readonly Float64Array[]) => (vector: Float64Array) =>
  Promise.resolve(
    Float64Array.from(matrix, (row) => row.reduce((sum, value, at) => sum + value * vector[at]!, 0)),
  );

/** A bulk around 0, outliers above it, and a negative value that is larger in magnitude than all of them. */
const SPECTRUM = [9, 7, 6.5, 3, ...Array.from({ length: 60 }, (_, at) => Math.sin(at) / 2), -20];

Deno.test("the largest eigenvalue is found, also where one below 0 is larger in magnitude", async () => {
  const matrix = matrixOf(SPECTRUM, 1);
  assert.ok(Math.abs(eigenvalues(matrix)[0]! - 9) < 1e-10);
  const options = { size: SPECTRUM.length, source: random(2), products: 60, tolerance: 1e-6 };
  const found = await largestEigenvalue(productOf(matrix), options);
  assert.ok(Math.abs(found.value - 9) < 1e-12, `${found.value}`);
  assert.ok(found.residual < 1e-5 && found.products < 50, JSON.stringify(found));
});

Deno.test("the value rises to the largest eigenvalue with every product, and the residual bounds its distance from one", async () => {
  const matrix = matrixOf(SPECTRUM, 3);
  let last = -Infinity;
  for (let products = 1; products <= 20; products++) {
    const options = { size: SPECTRUM.length, source: random(4), products, tolerance: 0 };
    const { value, residual, ...rest } = await largestEigenvalue(productOf(matrix), options);
    assert.equal(rest.products, products);
    assert.ok(value >= last - 1e-12 && value <= 9 + 1e-12);
    assert.ok(Math.min(...SPECTRUM.map((each) => Math.abs(each - value))) <= residual + 1e-12);
    last = value;
  }
  assert.ok(9 - last < 1e-4, `${last} after 20 products`);
});

Deno.test("power iteration needs several times the products for the same accuracy", async () => {
  const matrix = matrixOf(SPECTRUM.slice(0, -1), 5);
  const product = productOf(matrix);
  const source = random(6);
  let vector = Float64Array.from(matrix, () => source.normal());
  let products = 0;
  for (let quotient = 0; Math.abs(quotient - 9) > 0.09; products++) {
    const length = Math.hypot(...vector);
    const unit = vector.map((value) => value / length);
    vector = await product(unit);
    quotient = vector.reduce((sum, value, at) => sum + value * unit[at]!, 0);
  }
  const options = {
    size: matrix.length,
    source: random(6),
    products: Math.floor(products / 2),
    tolerance: 0,
  };
  const { value } = await largestEigenvalue(product, options);
  assert.ok(Math.abs(value - 9) < 0.09, `${value} by half of ${products} products`);
});

Deno.test("a vector that the matrix maps into its own span ends the search, and what is not a number comes out", async () => {
  const options = { size: 1, source: random(1), products: 9, tolerance: 0 };
  const one = await largestEigenvalue(() => Promise.resolve(Float64Array.of(-3)), options);
  assert.equal(one.products, 1);
  const same = { ...options, size: 4 };
  const found = await largestEigenvalue(productOf(matrixOf([2, 2, 2, 2], 1)), same);
  assert.ok(found.products === 1 && Math.abs(found.value - 2) < 1e-12 && found.residual < 1e-12);
  const lost = await largestEigenvalue((vector) => Promise.resolve(vector.map(() => NaN)), same);
  assert.deepEqual([lost.value, lost.products], [NaN, 1]);
});
