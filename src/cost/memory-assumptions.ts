// SPDX-License-Identifier: Apache-2.0
import { GB } from '../hardware/index.js';
import type { Assumption } from './assumptions.js';
import { kvCapacity, MEMORY_FRACTIONS, type KvCapacityOptions } from './memory.js';

/** What `FRACTION` more of an input does to the KV capacity, as a share of it. */
const FRACTION = 0.1;

/** Every input that the KV capacity rests on; none of it counts when numGpuBlocks is given. */
export function memoryAssumptions(options: KvCapacityOptions): Assumption[] {
  const { engine = 'vllm' } = options;
  const fraction = MEMORY_FRACTIONS[engine];
  const value = options.gpuMemoryUtilization ?? fraction.value;
  const { parts, tokens, kvBytesPerTokenPerGpu } = kvCapacity(options);
  const kvBytes = tokens * kvBytesPerTokenPerGpu;
  const capacity = (bytes: number): Pick<Assumption, 'influence' | 'influenceOn'> =>
    ({ influence: (FRACTION * bytes) / kvBytes, influenceOn: 'KV capacity' });
  const share: Assumption = {
    what: `memory fraction, ${engine}, of ${fraction.of} memory`,
    value,
    unit: 'share',
    source: 'config, or the default of the engine',
    status: 'inferred',
    ...capacity(value * options.device.memory.visibleBytes),
  };
  const list = parts.map(({ what, bytes, source, status }): Assumption => ({
    what: `memory: ${what}`,
    value: bytes / GB,
    unit: 'GB',
    source,
    status,
    ...capacity(-bytes),
  }));
  return [share, ...list];
}
