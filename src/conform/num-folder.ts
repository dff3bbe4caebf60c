// SPDX-License-Identifier: Apache-2.0
/** Arrays and records of a folder of numeric vectors. */

export interface NumArray {
  readonly dtype: 'uint8' | 'float32' | 'int32';
  readonly shape: number[];
  readonly data: Uint8Array | Float32Array | Int32Array;
}

export interface NumFolder {
  array(file: string, name: string): NumArray | null;
  names(file: string): string[];
  json(file: string): unknown | null;
}
