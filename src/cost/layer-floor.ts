// SPDX-License-Identifier: Apache-2.0
import type { GpuArchitecture } from '../hardware/index.js';
import type { ModelArchitecture } from '../model/index.js';

/** Serving engine whose measured fixed times are used. */
export type Engine = 'vllm' | 'sglang' | 'trtllm';

/**
 * Host time a step (scheduling, input preparation, sampling results), in us. The neutral start of
 * the fit; engines range over 0-1400 us.
 */
export const HOST_US_PER_STEP = 500;

/** Host time a sequence in the step, in us. Neutral start; engines range over 0-27 us. */
export const SEQUENCE_US = 4;

type ModelKind = 'dense' | 'mla-moe';
/** Generations with serving points. */
type Measured = Exclude<GpuArchitecture, 'rubin'>;

/**
 * Fixed time a layer in us, the step's host time included: norm, rope, cache and router kernels and
 * launch gaps that no byte or FLOP count shows. It binds decode at low concurrency, where HBM
 * bandwidth does not. Source: our fit to published aggregated serving points, whose other constants
 * this first model leaves at neutral. With those, `test/cost/serving-points.test.ts` finds a median
 * TPOT error of 6 % at up to 16 users (39 sampled points, 3 models) and 10 % at all loads (115
 * points); the fit may have seen some of them. null: no rows of that pair.
 */
const FLOOR_US: Record<Engine, Record<Measured, Record<ModelKind, number | null>>> = {
  vllm: { hopper: { dense: 50, 'mla-moe': null }, blackwell: { dense: 45, 'mla-moe': 65 } },
  sglang: { hopper: { dense: 45, 'mla-moe': 83 }, blackwell: { dense: null, 'mla-moe': 61 } },
  trtllm: { hopper: { dense: 49, 'mla-moe': 136 }, blackwell: { dense: 41, 'mla-moe': 92 } },
};

export interface LayerFloor {
  /** Fixed time a layer including the host's share, us. */
  totalUsPerLayer: number;
  /** The same without the host's share, us. */
  deviceUsPerLayer: number;
  /** Set when the engine has no fitted value and another engine's stands in. */
  borrowedFrom?: Engine;
  /** Set when the generation of GPU has no fitted value and another one's stands in. */
  borrowedGeneration?: GpuArchitecture;
}

function kindOf(model: ModelArchitecture): ModelKind {
  return model.attention.kind === 'MLA' ? 'mla-moe' : 'dense';
}

/** The fixed time a layer of `model` under `engine` on that generation of GPU. */
export function layerFloor(
  engine: Engine,
  architecture: GpuArchitecture,
  model: ModelArchitecture,
): LayerFloor {
  const kind = kindOf(model);
  const hostShareUs = HOST_US_PER_STEP / model.layers;
  // Nothing was measured in serving on Rubin: Blackwell's floor stands in.
  const generation = architecture === 'rubin' ? 'blackwell' : architecture;
  const generationNote = generation === architecture ? {} : { borrowedGeneration: generation };
  const own = FLOOR_US[engine][generation][kind];
  if (own !== null) {
    return { totalUsPerLayer: own, deviceUsPerLayer: own - hostShareUs, ...generationNote };
  }
  // Each engine with a gap has exactly one, and the other of these two fills it.
  const borrowedFrom: Engine = engine === 'vllm' ? 'sglang' : 'vllm';
  const borrowed = FLOOR_US[borrowedFrom][generation][kind] as number;
  return {
    totalUsPerLayer: borrowed,
    deviceUsPerLayer: borrowed - hostShareUs,
    borrowedFrom,
    ...generationNote,
  };
}
