// SPDX-License-Identifier: Apache-2.0
/** How far a number can be trusted. */
export type Status = 'measured' | 'vendor claim' | 'inferred' | 'assumed';

/** Where a group of numbers comes from. */
export interface Provenance {
  source: string;
  /** When the source was published or read, ISO 8601, as exact as it is known. */
  date: string;
  status: Status;
  /** What a reader should know before using the numbers. */
  note?: string;
}

/** Dense matrix peaks; null where the device lacks the format. */
export interface ComputePeak extends Provenance {
  bf16FlopsPerS: number;
  fp8FlopsPerS: number;
  nvfp4FlopsPerS: number | null;
  /** Headline that counts what plain dense GEMMs do not reach, as Rubin's adaptive compression. */
  nvfp4HeadlineFlopsPerS?: number;
  /** exp2 throughput of the special function units, which bounds softmax. */
  exp2PerS?: number;
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
}

export interface DataCentrePower extends Provenance {
  /** Provisioned power per GPU, with host, network and cooling; null: nobody has published it. */
  allInW: number | null;
}

export type GpuArchitecture = 'hopper' | 'blackwell' | 'rubin';

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
  dataCentrePower: DataCentrePower;
}

/** One number of a part. */
export interface Fact extends Provenance {
  /** null: unpublished; whoever needs it has to give it. */
  value: number | null;
  unit: string;
  /** Range of published or plausible values, same unit. */
  low?: number;
  high?: number;
}

export const PART_KINDS = [
  'accelerator', 'host', 'nic', 'dpu', 'switch', 'link', 'tier', 'rack',
] as const;
export type PartKind = (typeof PART_KINDS)[number];

/** Anything that is not a GPU the step model prices. Bandwidths of facts are one direction. */
export interface Part {
  id: string;
  name: string;
  aliases: readonly string[];
  kind: PartKind;
  facts: Readonly<Record<string, Fact>>;
  /** Racks: how many of which devices and parts. Totals are derived from it, never stored. */
  contents?: Readonly<Record<string, number>>;
}
