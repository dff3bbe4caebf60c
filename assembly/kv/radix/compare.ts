// SPDX-License-Identifier: Apache-2.0
/** How far two runs of tokens agree: the inner loop of every walk. */

/** Number of equal leading tokens of a[0..n) and b[0..n). A loop of its own keeps its registers. */
// @ts-ignore: decorator
@inline
export function run(a: usize, b: usize, n: u32): u32 {
  let i: u32 = 0;
  if (ASC_FEATURE_SIMD) {
    while (i + 16 <= n) {
      const p = a + (<usize>i << 2);
      const q = b + (<usize>i << 2);
      const d = v128.or(
        v128.or(
          v128.xor(v128.load(p), v128.load(q)),
          v128.xor(v128.load(p, 16), v128.load(q, 16)),
        ),
        v128.or(
          v128.xor(v128.load(p, 32), v128.load(q, 32)),
          v128.xor(v128.load(p, 48), v128.load(q, 48)),
        ),
      );
      if (v128.any_true(d)) break;
      i += 16;
    }
    if (n >= 4) {
      // The last four may overlap those that are known to agree.
      const last = n - 4;
      i = min(i, last);
      while (true) {
        const p = a + (<usize>i << 2);
        const q = b + (<usize>i << 2);
        const same = i32x4.bitmask(i32x4.eq(v128.load(p), v128.load(q)));
        if (same != 15) return i + ctz(~same);
        if (i == last) return n;
        i = min(i + 4, last);
      }
    }
  } else {
    while (i + 4 <= n) {
      const p = a + (<usize>i << 2);
      const q = b + (<usize>i << 2);
      const d = (load<u64>(p) ^ load<u64>(q)) | (load<u64>(p, 8) ^ load<u64>(q, 8));
      if (d) break;
      i += 4;
    }
  }
  while (i < n && load<u32>(a + (<usize>i << 2)) == load<u32>(b + (<usize>i << 2))) i++;
  return i;
}
