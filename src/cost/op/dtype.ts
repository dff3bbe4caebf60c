// SPDX-License-Identifier: Apache-2.0
/** A number format as measured rows name it. */
export interface Dtype {
  /** Tensor unit that computes on it. */
  readonly unit: 'bf16' | 'fp8' | 'fp4';
  /** Bytes an element, scales included. */
  readonly bytes: number;
  /** Whether the rows of this format read bf16 activations and write a quantised copy. */
  readonly quantised: boolean;
}

const PLAIN: Dtype = { unit: 'bf16', bytes: 2, quantised: false };
const FP8: Dtype = { unit: 'fp8', bytes: 1, quantised: true };

const DTYPES: Readonly<Record<string, Dtype>> = {
  bfloat16: PLAIN,
  float16: PLAIN,
  half: PLAIN,
  fp8: FP8,
  fp8_block: FP8,
  int8: FP8,
  // 4-bit weights with a scale of one byte for 16 (nvfp4) or 32 (mxfp4) of them.
  nvfp4: { unit: 'fp4', bytes: 9 / 16, quantised: true },
  w4a16_mxfp4: { unit: 'bf16', bytes: 17 / 32, quantised: false },
  w4a8_mxfp4_mxfp8: { unit: 'fp8', bytes: 17 / 32, quantised: true },
};

/** Names that `dtypeOf` knows. */
export const DTYPE_NAMES: readonly string[] = Object.keys(DTYPES);

/** @throws RangeError for an unknown name. */
export function dtypeOf(name: string): Dtype {
  const dtype = DTYPES[name];
  if (dtype === undefined) {
    throw new RangeError(`unknown dtype "${name}" (allowed: ${DTYPE_NAMES.join(', ')})`);
  }
  return dtype;
}
