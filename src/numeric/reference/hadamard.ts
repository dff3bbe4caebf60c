// SPDX-License-Identifier: Apache-2.0
/** Twin of assembly/quant/hadamard.ts: each output as its own tree of sums. */
const f32 = Math.fround;

/** Transform of sixteen numbers. */
function transform(x: readonly number[], signs: readonly number[]): number[] {
  /** Element i after the stage of `stride`. */
  const at = (i: number, stride: number): number => {
    if (stride === 0) return signs[i] < 0 ? -x[i] : x[i];
    const before = stride >> 1;
    const [own, other] = [at(i, before), at(i ^ stride, before)];
    return f32(i & stride ? other - own : own + other);
  };
  return x.map((_, j) => f32(at(j, 8) * 0.25));
}

export function referenceHadamard16(x: readonly number[], signs: readonly number[]): Float32Array {
  const out: number[] = [];
  for (let i = 0; i < x.length; i += 16) out.push(...transform(x.slice(i, i + 16), signs));
  return Float32Array.from(out);
}
