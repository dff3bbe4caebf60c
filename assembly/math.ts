// SPDX-License-Identifier: Apache-2.0
/**
 * Elementary functions with the same bits everywhere.
 *
 * Problem: engines differ in the last bit of Math.exp, Math.log and Math.pow, and a simulation must
 * give the same result in all of them. These are plain IEEE 754 operations, each rounded to f64,
 * which wasm defines completely. The standard library has faster ones over tables, but the tables
 * cost 10 KB of a 32 KB module; without them all three take 2 KB.
 *
 * ```
 *  exp:  x = k ln2 + r,   e^x = 2^k (1 + r + r c / (2 - c)),   c = r - r^2 P(r^2)
 *  log:  x = 2^k (1 + f), s = f / (2 + f),  log x = k ln2 + f - f^2/2 + s (f^2/2 + R(s^2))
 *  pow:  log2 |x| as head + tail (21 + 53 bits), times y as head + tail, then 2^that
 *        ┌───────────────┬───────────────┐
 *        │ head f64      │ tail f64      │  16 bytes of static scratch, dead after each call
 *        └───────────────┴───────────────┘
 * ```
 *
 * Invariants
 * - MATH-1  no result depends on state, host or build.
 * - MATH-2  a NaN result is the canonical one (wasm leaves NaN payloads open).
 *
 * Complexity: O(1). Error below 1 ulp.
 * Source: fdlibm (e_exp.c, e_log.c, e_pow.c) by way of musl and the AssemblyScript library:
 *
 *   Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved.
 *   Developed at SunPro, a Sun Microsystems, Inc. business.
 *   Permission to use, copy, modify, and distribute this software is freely granted, provided that
 *   this notice is preserved.
 */

const NAN_BITS: u64 = 0x7ff8000000000000;
const HIGH: u64 = 0xffffffff00000000;
/** ln 2 = head + tail; the head has 32 low bits zero, so that k * head is exact. */
const LN2_HEAD: f64 = reinterpret<f64>(0x3fe62e42fee00000);
const LN2_TAIL: f64 = reinterpret<f64>(0x3dea39ef35793c76);
const INV_LN2: f64 = reinterpret<f64>(0x3ff71547652b82fe);

const scratch = memory.data(16, 8);

// @ts-ignore: decorator
@inline
function canonicalNaN(): f64 {
  return reinterpret<f64>(NAN_BITS);
}

// @ts-ignore: decorator
@inline
function head(x: f64): f64 {
  return reinterpret<f64>(reinterpret<u64>(x) & HIGH);
}

/** x * P(x^2) of the exponential: 2 - this is the denominator of e^x = 1 + 2x / (...). */
// @ts-ignore: decorator
@inline
function expPolynomial(t: f64): f64 {
  return (
    t *
    (reinterpret<f64>(0x3fc555555555553e) +
      t *
        (reinterpret<f64>(0xbf66c16c16bebd93) +
          t *
            (reinterpret<f64>(0x3f11566aaf25de2c) +
              t *
                (reinterpret<f64>(0xbebbbd41c5d26bf1) + t * reinterpret<f64>(0x3e66376972bea4d0)))))
  );
}

/** e^x. */
export function math_exp(x: f64): f64 {
  if (x != x) return canonicalNaN();
  if (x > reinterpret<f64>(0x40862e42fefa39ef)) return Infinity;
  if (x < reinterpret<f64>(0xc0874910d52d3051)) return 0;
  const size = abs(x);
  if (size <= reinterpret<f64>(0x3e30000000000000)) return 1.0 + x;
  let k: i32 = 0;
  let hi = x;
  let lo: f64 = 0;
  // Beyond ln2/2: subtract the nearest multiple of ln 2.
  if (size >= reinterpret<f64>(0x3fd62e4300000000)) {
    k = <i32>(INV_LN2 * x + copysign<f64>(0.5, x));
    hi = x - <f64>k * LN2_HEAD;
    lo = <f64>k * LN2_TAIL;
  }
  const r = hi - lo;
  const c = r - expPolynomial(r * r);
  return scale(1.0 + ((r * c) / (2.0 - c) - lo + hi), k);
}

/** x * 2^k for |k| <= 1100, with one rounding where the result is subnormal. */
function scale(x: f64, k: i32): f64 {
  if (k > 1023) {
    x *= reinterpret<f64>(0x7fe0000000000000);
    k -= 1023;
  } else if (k < -1022) {
    // 2^-969 = 2^-1022 * 2^53: keeps the intermediate normal.
    x *= reinterpret<f64>(0x0360000000000000);
    k += 969;
  }
  return x * reinterpret<f64>(<u64>(0x3ff + k) << 52);
}

/** Natural logarithm; NaN below 0, -Infinity at 0. */
export function math_log(x: f64): f64 {
  if (x != x || x < 0) return canonicalNaN();
  if (x == 0) return -Infinity;
  if (x == Infinity) return x;
  let k: i32 = 0;
  if (x < reinterpret<f64>(0x0010000000000000)) {
    x *= reinterpret<f64>(0x4350000000000000);
    k = -54;
  }
  // Puts the mantissa between sqrt(1/2) and sqrt(2).
  const bits = reinterpret<u64>(x);
  const high: u32 = <u32>(bits >> 32) + (0x3ff00000 - 0x3fe6a09e);
  k += <i32>(high >> 20) - 0x3ff;
  const f =
    reinterpret<f64>((<u64>((high & 0xfffff) + 0x3fe6a09e) << 32) | (bits & 0xffffffff)) - 1.0;
  const half = 0.5 * f * f;
  const s = f / (2.0 + f);
  const z = s * s;
  const w = z * z;
  const even =
    w *
    (reinterpret<f64>(0x3fd999999997fa04) +
      w * (reinterpret<f64>(0x3fcc71c51d8e78af) + w * reinterpret<f64>(0x3fc39a09d078c69f)));
  const odd =
    z *
    (reinterpret<f64>(0x3fe5555555555593) +
      w *
        (reinterpret<f64>(0x3fd2492494229359) +
          w * (reinterpret<f64>(0x3fc7466496cb03de) + w * reinterpret<f64>(0x3fc2f112df3e5244))));
  const d = <f64>k;
  return s * (half + (even + odd)) + d * LN2_TAIL - half + f + d * LN2_HEAD;
}

/** log2(ax) into the scratch, for 0 < ax < Infinity. */
function log2Parts(ax: f64): void {
  let n: i32 = 0;
  if (ax < reinterpret<f64>(0x0010000000000000)) {
    ax *= reinterpret<f64>(0x4340000000000000);
    n = -53;
  }
  const bits = reinterpret<u64>(ax);
  let ix: i32 = <i32>(bits >> 32);
  n += (ix >> 20) - 0x3ff;
  const j: i32 = ix & 0xfffff;
  ix = j | 0x3ff00000;
  // The mantissa goes next to 1 or 3/2.
  let k: i32 = 0;
  if (j >= 0xbb67a) {
    n += 1;
    ix -= 0x100000;
  } else if (j > 0x3988e) {
    k = 1;
  }
  const a = reinterpret<f64>((bits & 0xffffffff) | (<u64>ix << 32));
  const bp: f64 = k ? 1.5 : 1.0;
  const u = a - bp;
  const v = 1.0 / (a + bp);
  const ss = u * v;
  const sh = head(ss);
  const th = reinterpret<f64>(<u64>(((ix >> 1) | 0x20000000) + 0x80000 + (k << 18)) << 32);
  const sl = v * (u - sh * th - sh * (a - (th - bp)));
  const s2 = ss * ss;
  let r = reinterpret<f64>(0x3fca7e284a454eef);
  r = reinterpret<f64>(0x3fcd864a93c9db65) + s2 * r;
  r = reinterpret<f64>(0x3fd17460a91d4101) + s2 * r;
  r = reinterpret<f64>(0x3fd55555518f264d) + s2 * r;
  r = reinterpret<f64>(0x3fdb6db6db6fabff) + s2 * r;
  r = reinterpret<f64>(0x3fe3333333333303) + s2 * r;
  r = s2 * s2 * r + sl * (sh + ss);
  const q = sh * sh;
  const qh = head(3.0 + q + r);
  const ql = r - (qh - 3.0 - q);
  const ph = head(sh * qh + (sl * qh + ql * ss));
  const pl = sl * qh + ql * ss - (ph - sh * qh);
  const zh = reinterpret<f64>(0x3feec709e0000000) * ph;
  const zl =
    reinterpret<f64>(0xbe3e2fe0145b01f5) * ph +
    pl * reinterpret<f64>(0x3feec709dc3a03fd) +
    (k ? reinterpret<f64>(0x3e4cfdeb43cfd006) : 0);
  const dp: f64 = k ? reinterpret<f64>(0x3fe2b80340000000) : 0;
  const t = <f64>n;
  const t1 = head(zh + zl + dp + t);
  store<f64>(scratch, t1);
  store<f64>(scratch, zl - (t1 - t - dp - zh), 8);
}

/** log2(ax) into the scratch, for ax within 2^-20 of 1. */
function log2NearOne(ax: f64): void {
  const t = ax - 1.0;
  const w = t * t * (0.5 - t * (reinterpret<f64>(0x3fd5555555555555) - t * 0.25));
  const u = reinterpret<f64>(0x3ff7154760000000) * t;
  const v = t * reinterpret<f64>(0x3e54ae0bf85ddf44) - w * INV_LN2;
  const t1 = head(u + v);
  store<f64>(scratch, t1);
  store<f64>(scratch, v - (t1 - u), 8);
}

/** 2^(ph + pl), pl the rounding tail of ph. */
function exp2Parts(ph: f64, pl: f64): f64 {
  const z = pl + ph;
  // Just below 2^1024 and at the bottom of the subnormals the tail decides.
  if (z >= 1024) {
    if (z > 1024 || pl + reinterpret<f64>(0x3c971547652b82fe) > z - ph) return Infinity;
  } else if (z <= -1075) {
    if (z < -1075 || pl <= z - ph) return 0;
  }
  const n = nearest<f64>(z);
  ph -= n;
  const t = head(pl + ph);
  const u = t * reinterpret<f64>(0x3fe62e4300000000);
  const v =
    (pl - (t - ph)) * reinterpret<f64>(0x3fe62e42fefa39ef) +
    t * reinterpret<f64>(0xbe205c610ca86c39);
  const y = u + v;
  const w = v - (y - u);
  const t1 = y - expPolynomial(y * y);
  const r = (y * t1) / (t1 - 2.0) - (w + y * w);
  return scale(1.0 - (r - y), <i32>n);
}

/** x^y, with the special cases of ECMAScript (1^NaN and 1^Infinity are NaN). */
export function math_pow(x: f64, y: f64): f64 {
  if (y == 0) return 1;
  if (x != x || y != y) return canonicalNaN();
  const ax = abs(x);
  const ay = abs(y);
  if (ay == Infinity) {
    if (ax == 1) return canonicalNaN();
    return ax > 1 == y > 0 ? Infinity : 0;
  }
  const whole = trunc<f64>(y) == y;
  const odd = whole && trunc<f64>(y * 0.5) * 2 != y;
  const sign: f64 = odd && <i64>reinterpret<u64>(x) < 0 ? -1 : 1;
  if (ax == 0 || ax == Infinity) return sign * (y < 0 ? 1 / ax : ax);
  if (x < 0 && !whole) return canonicalNaN();
  if (ax == 1) return sign;
  if (y == 1) return x;
  if (y == 2) return x * x;
  if (y == -1) return 1 / x;
  if (y == 0.5) return sqrt<f64>(x);
  if (ay > 2147483648) {
    // Only a base within 2^-20 of 1 stays finite, and none above 2^64.
    if (ay > 18446744073709551616.0 || abs(ax - 1) >= reinterpret<f64>(0x3eb0000000000000)) {
      return ax > 1 == y > 0 ? sign * Infinity : sign * 0;
    }
    log2NearOne(ax);
  } else {
    log2Parts(ax);
  }
  const t1 = load<f64>(scratch);
  const y1 = head(y);
  return sign * exp2Parts(y1 * t1, (y - y1) * t1 + y * load<f64>(scratch, 8));
}
