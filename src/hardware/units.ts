// SPDX-License-Identifier: Apache-2.0
/** Decimal and binary byte units, and the nanosecond that the simulator counts in. */
export const GB = 1e9;
export const TB = 1e12;
export const MIB = 1048576;
export const GIB = 1073741824;
/** FLOP/s in a teraFLOP/s. */
export const TFLOPS = 1e12;
export const NS_PER_S = 1e9;
export const NS_PER_US = 1e3;
