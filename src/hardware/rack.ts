// SPDX-License-Identifier: Apache-2.0
import { findDevice, findPart } from './catalogue.js';
import type { NamedFact } from './facts.js';
import { SOURCES } from './sources.js';
import type { Device, Part, Status } from './types.js';

/** What the totals are made of, the same names for GPUs and for other parts. */
const TOTALS = {
  memoryBytes: 'byte',
  memoryBandwidthBytesPerS: 'byte/s',
  bf16FlopsPerS: 'FLOP/s',
  fp8FlopsPerS: 'FLOP/s',
  nvfp4FlopsPerS: 'FLOP/s',
  nvfp4HeadlineFlopsPerS: 'FLOP/s',
  scaleUpBytesPerS: 'byte/s',
  hostMemoryBytes: 'byte',
  hostMemoryBandwidthBytesPerS: 'byte/s',
} as const;
type Total = keyof typeof TOTALS;

interface Term {
  value: number;
  status: Status;
}

function deviceTerm(device: Device, total: Total): Term | undefined {
  const { compute, memory, scaleUp } = device;
  const status = compute.status;
  switch (total) {
    case 'memoryBytes':
      return { value: memory.capacityBytes, status: memory.status };
    case 'memoryBandwidthBytesPerS':
      return { value: memory.bandwidthBytesPerS, status: memory.status };
    case 'scaleUpBytesPerS':
      return { value: scaleUp.bandwidthBytesPerS, status: scaleUp.status };
    case 'hostMemoryBytes':
    case 'hostMemoryBandwidthBytesPerS':
      return undefined;
    default: {
      const value = compute[total];
      return value === null || value === undefined ? undefined : { value, status };
    }
  }
}

/** The weaker of two: a sum is no better than its worst term. */
const ORDER: readonly Status[] = ['measured', 'vendor claim', 'inferred', 'assumed'];
function weaker(a: Status, b: Status): Status {
  return ORDER.indexOf(a) > ORDER.indexOf(b) ? a : b;
}

export interface Finder {
  device(name: string): Device | undefined;
  part(name: string): Part | undefined;
}

const BUILT_IN: Finder = { device: findDevice, part: findPart };

/**
 * What a rack adds up to, computed from its contents; bandwidths one direction. A number that no
 * part of the rack has is left out.
 * @throws RangeError naming contents that the catalogue does not know.
 */
export function rackTotals(rack: Part, find: Finder = BUILT_IN): NamedFact[] {
  const facts: NamedFact[] = [];
  for (const name of Object.keys(TOTALS) as Total[]) {
    let sum = 0;
    let status: Status = 'measured';
    const terms: string[] = [];
    for (const [id, count] of Object.entries(rack.contents ?? {})) {
      const device = find.device(id);
      const part = device === undefined ? find.part(id) : undefined;
      if (device === undefined && part === undefined) {
        throw new RangeError(`${rack.id}: contents: no device or part "${id}"`);
      }
      const fact = part?.facts[name];
      const term = device === undefined ? fact : deviceTerm(device, name);
      if (term === undefined || term.value === null) continue;
      sum += count * term.value;
      status = weaker(status, term.status);
      terms.push(`${count} x ${id}`);
    }
    if (terms.length === 0) continue;
    const source = `sum of ${terms.join(' and ')}`;
    facts.push({ ...SOURCES.derived, name, value: sum, unit: TOTALS[name], source, status });
  }
  return facts;
}
