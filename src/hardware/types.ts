// SPDX-License-Identifier: Apache-2.0
/** How far a number can be trusted. */
export type Status = 'measured' | 'vendor claim' | 'inferred' | 'assumed';

/** Where a group of numbers comes from. */
export interface Provenance {
  source: string;
  status: Status;
}

/** Dense matrix peaks; null where the device lacks the format. */
export interface ComputePeak extends Provenance {
  bf16FlopsPerS: number;
  fp8FlopsPerS: number;
  nvfp4FlopsPerS: number | null;
}

export interface Hbm extends Provenance {
  type: string;
  bandwidthBytesPerS: number;
  /** Capacity on the datasheet. */
  capacityBytes: number;
  /** Bytes an engine sees and multiplies by its memory utilisation. */
  visibleBytes: number;
}

/** One GPU's share of a link, one direction. */
export interface Link extends Provenance {
  name: string;
  bandwidthBytesPerS: number;
  /** GPUs that reach each other over it without leaving it; absent for host and scale-out links. */
  domainGpus?: number;
}

export interface Power extends Provenance {
  /** Board power of one GPU. */
  gpuTdpW: number;
  /** Provisioned power at the data centre per GPU, with host, network and cooling. */
  allInW: number;
}

export type GpuArchitecture = 'hopper' | 'blackwell';

/** One accelerator. Facts only: efficiencies belong to the cost layer. */
export interface Device {
  id: string;
  name: string;
  aliases: readonly string[];
  architecture: GpuArchitecture;
  compute: ComputePeak;
  memory: Hbm;
  scaleUp: Link;
  scaleOut: Link;
  hostLink: Link;
  power: Power;
}
