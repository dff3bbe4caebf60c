// SPDX-License-Identifier: Apache-2.0
import { type Device, findDevice } from '../../hardware/index.js';
import { findModel, type ModelArchitecture } from '../../model/index.js';
import type { Engine } from '../engine.js';

/** Engines that constants exist for. */
export const SERVING_ENGINES: readonly Engine[] = ['vllm', 'sglang', 'trtllm'];

/**
 * Model of a path on the model hub. Requantised copies carry another owner and the format behind
 * the name; their shapes are the original's.
 */
export function findServingModel(path: string): ModelArchitecture | undefined {
  const own = findModel(path);
  if (own !== undefined) return own;
  const name = path.slice(path.lastIndexOf('/') + 1);
  return findModel(name) ?? findModel(name.replace(/-(FP8|NVFP4|FP4|MXFP4|Instruct)$/i, ''));
}

export function findServingDevice(system: string): Device | undefined {
  return findDevice(system);
}
